import { create } from 'zustand'
import type { FileEntry } from '../../../api/files'
import { remembered } from '../../../lib/storage'

/** `broken`: the connection is gone, and it is tried again. `homeless`: interrupted by a reload; its file is needed. */
export type UploadPhase = 'waiting' | 'sending' | 'broken' | 'homeless' | 'failed'

/** A file on its way, as the list shows it. */
export interface UploadLine {
  id: number
  name: string
  path: string
  size: number
  sent: number
  phase: UploadPhase
  problem: string | null
}

export type ClashChoice = 'replace' | 'keep both' | 'skip'

/** A name that is taken where a file shall go. */
export interface Clash {
  path: string
  /** What is there. A folder cannot be replaced by a file. */
  entry: FileEntry
  size: number
  /** How many more of the files meet the same question. */
  others: number
  answer: (choice: ClashChoice, forAll: boolean) => void
}

export interface UploadState {
  files: number
  done: number
  bytes: number
  sent: number
  /** Seconds until all is there, where that can be told. */
  secondsLeft: number | null
  lines: UploadLine[]
  /** How many more are waiting than `lines` has. */
  more: number
  /** Files are being read from what was dropped, or compared with what is there. */
  isPreparing: boolean
  clash: Clash | null
}

/** An upload that this browser began, so that it goes on after a reload. */
export interface KeptUpload {
  id: string
  path: string
  name: string
  size: number
  lastModified: number
  /** The version that it replaces, or null for a new file. */
  replaces: string | null
}

export const keptUploads = (): KeptUpload[] => remembered<KeptUpload[]>('uploads', [])

export const noUploads = {
  files: 0,
  done: 0,
  bytes: 0,
  sent: 0,
  secondsLeft: null,
  lines: [],
  more: 0,
  isPreparing: false,
}

export const useUploads = create<UploadState>(() => ({ ...noUploads, clash: null }))
