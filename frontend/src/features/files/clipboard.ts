import { create } from 'zustand'

/** What was cut or copied in a tree or list of files, to be pasted into another folder. */
interface Clip {
  paths: readonly string[]
  isCut: boolean
}

const nothing: Clip = { paths: [], isCut: false }

export const useClip = create<Clip>(() => nothing)

export const clip = (paths: readonly string[], isCut: boolean) => useClip.setState({ paths, isCut })
export const emptyClip = () => useClip.setState(nothing)
