import { create } from 'zustand'

export interface GitMark {
  letter: string
  /** What the letter stands for. */
  words: string
  tone: 'success' | 'warning' | 'danger' | 'info'
}

interface GitView {
  /** By share path: files that differ, and the folders they are in. */
  marks: ReadonlyMap<string, GitMark>
  /** By name: nodes that differ from the last commit. */
  nodes: ReadonlyMap<string, GitMark>
}

/** What the repository of this page says of files and nodes; filled once there is one. */
export const useGitView = create<GitView>(() => ({ marks: new Map(), nodes: new Map() }))
