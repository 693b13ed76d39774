import { createStore } from 'zustand/vanilla'
import { ApiError, errorText } from '../../api/errors'
import { createFile, type FileContent, readContent, writeContent } from '../../api/files'
import type { Draft } from '../../lib/draftStore'
import { FileDrafts } from './fileDrafts'
import { keepLostSave } from './lostSaves'
import { mergeTexts } from './merge'
import { TextDocument } from './TextDocument'

export type FilePhase = 'loading' | 'ready' | 'binary' | 'missing' | 'failed'

/** `waiting`: typed but not sent yet. `retrying`: the studio was not there. `refused`: it said no. */
export type SaveState = 'saved' | 'waiting' | 'saving' | 'retrying' | 'refused' | 'conflict'

export interface FileState {
  phase: FilePhase
  save: SaveState
  /** Why it could not be read or saved. */
  error: string | null
  /** Whether the studio answered, but could not save just now: its disk is full, its share away. */
  isAnswered: boolean
  savedAt: Date | null
  /** What someone else saved meanwhile, in a conflict. */
  theirs: FileContent | null
  /** What was typed while the studio was away, in an earlier visit. */
  offers: readonly Draft[]
  /** This browser refuses to keep what is typed until it is saved. */
  isUnkept: boolean
}

const saveAfter = 500
const longestPause = 15_000

/** What the save state says while it is tried again. */
export const retryingText = ({ isAnswered }: Pick<FileState, 'isAnswered'>): string =>
  isAnswered ? 'Not saved – trying again' : 'Not saved – offline'

/** A file that is open on this page: its text, and how that gets to disk. */
export class FileSession {
  /** How it is called on this page: its path inside the flow's folder. */
  readonly name: string
  readonly sharePath: string
  readonly document = new TextDocument('')
  readonly state = createStore<FileState>(() => ({
    phase: 'loading',
    save: 'saved',
    error: null,
    isAnswered: false,
    savedAt: null,
    theirs: null,
    offers: [],
    isUnkept: false,
  }))
  private base = ''
  private etag = ''
  private timer: ReturnType<typeof setTimeout> | undefined
  private writing: Promise<void> | null = null
  private pause = 1000
  private isAway = false
  /** How often in a row somebody else was faster. */
  private races = 0
  private readonly drafts: FileDrafts
  private adopted: Draft[] = []
  private readonly onSaved: (file: FileSession) => void
  private loading: Promise<void> | null = null

  constructor(name: string, sharePath: string, onSaved: (file: FileSession) => void) {
    this.name = name
    this.sharePath = sharePath
    this.onSaved = onSaved
    this.drafts = new FileDrafts(sharePath)
    this.document.subscribe((origin) => origin === 'person' && this.edited())
  }

  get isDirty(): boolean {
    return this.state.getState().phase === 'ready' && this.document.text !== this.base
  }

  /** Read it from disk; once, unless it failed. */
  load(): Promise<void> {
    this.loading ??= this.read().finally(() => {
      if (this.state.getState().phase !== 'ready') this.loading = null
    })
    return this.loading
  }

  private async read(): Promise<void> {
    try {
      const content = await readContent(this.sharePath)
      if (content.isBinary) {
        this.state.setState({ phase: 'binary' })
        return
      }
      this.accept(content)
      this.state.setState({ phase: 'ready', error: null })
      await this.restoreDrafts()
    } catch (error) {
      const isMissing = error instanceof ApiError && error.status === 404
      this.state.setState({ phase: isMissing ? 'missing' : 'failed', error: errorText(error) })
    }
  }

  private accept(content: FileContent): void {
    this.base = content.text
    this.etag = content.etag
    this.document.replace(content.text, 'disk')
  }

  private async restoreDrafts(): Promise<void> {
    const offers: Draft[] = []
    for (const draft of await this.drafts.ofBefore()) {
      if (draft.text === this.base || draft.text === draft.base) this.drafts.forget(draft)
      else if (draft.offline || this.isDirty) offers.push(draft)
      else this.putIn(draft)
    }
    if (offers.length > 0) this.state.setState({ offers })
  }

  private putIn(draft: Draft): void {
    this.adopted.push(draft)
    const merge = mergeTexts(draft.base, draft.text, this.base)
    if (!merge.collides) {
      this.document.replace(merge.text, 'person')
      return
    }
    const theirs = { text: this.base, etag: this.etag, size: 0, isBinary: false, writtenBy: null }
    this.base = draft.base
    this.document.replace(draft.text, 'person')
    this.conflict(theirs)
  }

  /** Put edits of an earlier visit in and save them; where they collide with newer ones, that is a conflict. */
  async takeOffer(draft: Draft): Promise<void> {
    await this.save()
    if (this.state.getState().save !== 'saved') return
    this.withdraw(draft)
    this.putIn(draft)
    if (!this.isDirty) this.forgetAdopted()
    await this.save()
  }

  discardOffer(draft: Draft): void {
    this.withdraw(draft)
    this.drafts.forget(draft)
  }

  private withdraw(draft: Draft): void {
    this.state.setState(({ offers }) => ({ offers: offers.filter((each) => each !== draft) }))
  }

  private forgetAdopted(): void {
    for (const draft of this.adopted) this.drafts.forget(draft)
    this.adopted = []
  }

  private keepDraft(): void {
    const { base, etag, isAway: offline } = this
    void this.drafts.keep({ base, etag, text: this.document.text, offline }).then((isKept) => {
      if (isKept === this.state.getState().isUnkept) this.state.setState({ isUnkept: !isKept })
    })
  }

  private dropDrafts(): void {
    this.drafts.drop()
    this.forgetAdopted()
  }

  private edited(): void {
    const { save, phase } = this.state.getState()
    if (phase !== 'ready') return
    if (this.document.text === this.base && save !== 'conflict' && !this.writing) {
      this.settled()
      return
    }
    if (save === 'conflict') this.keepDraft()
    else this.schedule(saveAfter)
  }

  private schedule(after: number): void {
    clearTimeout(this.timer)
    if (this.state.getState().save !== 'retrying') this.state.setState({ save: 'waiting' })
    this.timer = setTimeout(() => void this.save(), after)
  }

  /** Write now what differs from the disk. Resolves when it stands there, or cannot. */
  async save(): Promise<void> {
    clearTimeout(this.timer)
    if (this.writing) await this.writing
    if (!this.isDirty || this.state.getState().save === 'conflict') return
    this.keepDraft()
    this.writing = this.write().finally(() => {
      this.writing = null
    })
    await this.writing
  }

  private async write(): Promise<void> {
    const text = this.document.text
    this.state.setState({ save: 'saving' })
    try {
      this.etag = await (this.etag === ''
        ? createFile(this.sharePath, text)
        : writeContent(this.sharePath, text, this.etag))
      this.base = text
      this.pause = 1000
      this.races = 0
      this.isAway = false
      if (this.document.text === text) this.dropDrafts()
      this.state.setState({ save: 'saved', error: null, savedAt: new Date() })
      this.onSaved(this)
      if (this.document.text !== text) this.schedule(saveAfter)
    } catch (error) {
      await this.failed(error)
    }
  }

  private async failed(error: unknown): Promise<void> {
    const status = error instanceof ApiError ? error.status : 0
    if (status === 412 || status === 409) {
      await this.meet()
      return
    }
    if (status >= 400 && status < 500 && status !== 401 && status !== 429) {
      this.state.setState({ save: 'refused', error: errorText(error) })
      return
    }
    this.isAway = true
    this.keepDraft()
    this.state.setState({ save: 'retrying', error: errorText(error), isAnswered: status >= 429 })
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.save(), this.pause)
    this.pause = Math.min(this.pause * 2, longestPause)
  }

  /** Someone else has saved: put both together where they do not collide. */
  private async meet(): Promise<void> {
    try {
      this.meetWith(await readContent(this.sharePath))
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) {
        this.state.setState({ save: 'retrying', error: errorText(error) })
        this.timer = setTimeout(() => void this.save(), this.pause)
        return
      }
      this.etag = '' // It was deleted meanwhile; what is written here is not lost for that.
      this.schedule(0)
    }
  }

  private meetWith(theirs: FileContent): void {
    const merge = mergeTexts(this.base, this.document.text, theirs.text)
    if (merge.collides) {
      this.conflict(theirs)
      return
    }
    this.base = theirs.text
    this.etag = theirs.etag
    this.document.replace(merge.text, 'disk')
    this.state.setState({ theirs: null })
    // Two that save at once do not meet again and again: each pause is longer, and its length a matter of chance.
    this.races += 1
    if (this.isDirty) this.schedule(Math.random() * Math.min(50 * this.races, longestPause))
    else this.settled()
  }

  private settled(): void {
    clearTimeout(this.timer)
    this.dropDrafts()
    this.state.setState({ save: 'saved', error: null })
  }

  private conflict(theirs: FileContent): void {
    clearTimeout(this.timer)
    this.keepDraft()
    this.state.setState({
      save: 'conflict',
      error: `${this.name} was changed ${theirs.writtenBy ? `by ${theirs.writtenBy}` : 'elsewhere'} in the same lines.`,
      theirs,
    })
  }

  /** The file may have changed on disk. */
  async refresh(): Promise<void> {
    const { phase } = this.state.getState()
    if (phase === 'missing' || phase === 'failed') {
      await this.load()
      return
    }
    if (phase !== 'ready') return
    if (this.writing) await this.writing
    const before = this.etag
    try {
      const theirs = await readContent(this.sharePath)
      if (this.writing || this.etag !== before) {
        if (theirs.etag !== this.etag) await this.refresh()
        return
      }
      if (theirs.etag === this.etag) return
      if (theirs.isBinary) this.state.setState({ phase: 'binary' })
      else if (this.isDirty) this.meetWith(theirs)
      else this.accept(theirs)
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) return
      if (this.isDirty) this.etag = ''
      else {
        this.loading = null
        this.state.setState({ phase: 'missing', error: errorText(error) })
      }
    }
  }

  /** What the edits began with, what stands here and what somebody else saved, while there is a conflict. */
  get sides(): { base: string; mine: string; theirs: FileContent } | null {
    const { theirs } = this.state.getState()
    return theirs && { base: this.base, mine: this.document.text, theirs }
  }

  /** End a conflict with this text. What stood here stays one undo away, and in the file's history. */
  resolve(text: string): void {
    const { theirs } = this.state.getState()
    if (!theirs) return
    const mine = this.document.text
    if (text !== mine) void keepLostSave(this.sharePath, mine)
    this.base = theirs.text
    this.etag = theirs.etag
    this.state.setState({ save: 'waiting', theirs: null, error: null })
    this.document.replace(text, 'person')
    if (this.isDirty) void this.save()
    else this.settled()
  }

  keepMine(): void {
    this.resolve(this.document.text)
  }

  takeTheirs(): void {
    const { theirs } = this.state.getState()
    if (theirs) this.resolve(theirs.text)
  }

  /** The page goes away: what could not be sent stays in this browser. */
  leave(): void {
    if (!this.isDirty) return
    this.keepDraft()
    void this.save()
  }
}
