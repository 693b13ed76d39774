import { createStore, type StoreApi } from 'zustand/vanilla'
import type { StudioEvent } from '../../../api/events'
import { createFile } from '../../../api/files'
import { type Flow, flowKeys } from '../../../api/flows'
import { queryClient } from '../../../api/queryClient'
import { toast } from '../../../components/Toasts'
import { baseName, isInside, joinPath, parentPath } from '../../../lib/paths'
import { type Change, planChange } from '../../../yaml/change'
import { type FlowModel, type FlowProblem, parseFlowDocument } from '../../../yaml/flow'
import type { Json } from '../../../yaml/scalars'
import { YamlEditError } from '../../../yaml/source'
import { FileSession, retryingText } from '../../editor/FileSession'
import { pathsWithDrafts } from '../../editor/fileDrafts'
import { mergeTexts } from '../../editor/merge'
import { entryModel } from './entryModel'

export interface FlowView {
  /** The last that could be read. */
  model: FlowModel | null
  problems: FlowProblem[]
  /** The text says something else by now, which cannot be read. */
  isStale: boolean
}

export type SaveKind = 'saved' | 'saving' | 'not-saved'

export interface SaveView {
  kind: SaveKind
  text: string
}

const time = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const parsedAtOnce = 40_000

/** What a flow without nodes is given: texts as they are typed, images as values. */
export interface EntryValues {
  inputs: Record<string, Json>
  init: Record<string, Json>
}

/** One flow that is open on this page: its files, what its YAML means, and whether all of it is on disk. */
export class FlowSession {
  /** What addresses the flow: its folder, or a prompty itself. */
  readonly address: string
  /** The folder with its files. */
  readonly path: string
  readonly flow = createStore<FlowView>(() => ({ model: null, problems: [], isStale: false }))
  readonly save = createStore<SaveView>(() => ({ kind: 'saved', text: 'Saved' }))
  readonly opened: StoreApi<{ flowFile: string; kind: Flow['kind'] }>
  readonly values = createStore<EntryValues>(() => ({ inputs: {}, init: {} }))
  /** Grows with every step of saving. */
  readonly changed = createStore(() => ({ count: 0 }))
  private readonly files = new Map<string, FileSession>()
  private parseTimer: ReturnType<typeof setTimeout> | undefined
  private readTimer: ReturnType<typeof setTimeout> | undefined

  constructor(address: string) {
    const isPrompty = address.endsWith('.prompty')
    this.address = address
    this.path = isPrompty ? parentPath(address) : address
    this.opened = createStore(() =>
      isPrompty
        ? { flowFile: baseName(address), kind: 'prompty' as const }
        : { flowFile: 'flow.dag.yaml', kind: 'dag' as const },
    )
    this.followFlowFile()
    void this.openDrafts()
  }

  /** Files with edits of an earlier visit are opened for them. */
  private async openDrafts(): Promise<void> {
    for (const path of await pathsWithDrafts(this.path)) void this.file(path.slice(this.path.length + 1)).load()
  }

  get flowFile(): FileSession {
    return this.file(this.opened.getState().flowFile)
  }

  /** What the studio says of the flow: its kind, the file it is in where that is not `flow.dag.yaml`, and its ports. */
  know(info: Flow): void {
    const { kind, flowFile } = this.opened.getState()
    if (kind !== info.kind) this.opened.setState({ kind: info.kind })
    const isElsewhere = info.kind !== 'dag' || this.flowFile.state.getState().phase === 'missing'
    if (isElsewhere && info.file !== flowFile) {
      this.opened.setState({ flowFile: info.file })
      this.followFlowFile()
    } else if (kind !== info.kind) this.parse()
    if (info.kind !== 'dag') this.flow.setState({ model: entryModel(info), problems: [], isStale: false })
  }

  private followFlowFile(): void {
    const { document, state } = this.flowFile
    const parse = () => document === this.flowFile.document && this.parse()
    document.subscribe(() => {
      clearTimeout(this.parseTimer)
      if (document.text.length < parsedAtOnce) parse()
      else this.parseTimer = setTimeout(parse, 150)
    })
    state.subscribe((now, before) => now.phase === 'ready' && before.phase !== 'ready' && parse())
    void this.flowFile.load()
  }

  private parse(): void {
    if (this.opened.getState().kind !== 'dag') return
    const { model, problems } = parseFlowDocument(this.flowFile.document.text)
    if (model) this.flow.setState({ model, problems, isStale: false })
    else this.flow.setState({ problems, isStale: true })
  }

  /** The open file of this name, opened when it is not. */
  file(name: string): FileSession {
    const known = this.files.get(name)
    if (known) return known
    const file = new FileSession(name, joinPath(this.path, name), () => this.readSoon())
    file.state.subscribe(() => this.sumUp())
    this.files.set(name, file)
    return file
  }

  private sumUp(): void {
    const files = [...this.files.values()]
    const states = files.map((file) => ({ file, ...file.state.getState() }))
    const bad =
      states.find(({ save }) => save === 'conflict' || save === 'refused') ??
      states.find(({ save }) => save === 'retrying')
    const latest = Math.max(0, ...states.map(({ savedAt }) => savedAt?.getTime() ?? 0))
    if (bad?.save === 'retrying') this.say('not-saved', retryingText(bad))
    else if (bad) this.say('not-saved', `Not saved: ${bad.error ?? 'the studio cannot be reached.'}`)
    else if (states.some(({ save }) => save !== 'saved')) this.say('saving', 'Saving…')
    else this.say('saved', latest > 0 ? `Saved ${time.format(latest)}` : 'Saved')
  }

  private say(kind: SaveKind, text: string): void {
    this.changed.setState(({ count }) => ({ count: count + 1 }))
    const now = this.save.getState()
    if (now.kind !== kind || now.text !== text) this.save.setState({ kind, text })
  }

  /** Files that wait for a decision: a conflict, or edits of an earlier visit. */
  undecided(): FileSession[] {
    return [...this.files.values()].filter((file) => {
      const { save, offers, isUnkept } = file.state.getState()
      const isAtRisk = isUnkept && (save === 'retrying' || save === 'refused')
      return save === 'conflict' || offers.length > 0 || isAtRisk
    })
  }

  /** Everything typed so far stands on disk, or says why not. */
  async flush(): Promise<void> {
    await Promise.all([...this.files.values()].map((file) => file.save()))
  }

  leave(): void {
    for (const file of this.files.values()) file.leave()
  }

  /** Make a change of a card in the flow file; false when it could not be made, which is then said. */
  apply(change: Change): boolean {
    const { document } = this.flowFile
    try {
      document.apply(planChange(document.text, change))
      return true
    } catch (error) {
      if (!(error instanceof YamlEditError)) throw error
      toast.fail(error)
      return false
    }
  }

  /** Make a change that can be taken back for ten seconds, also after other edits. */
  applyWithUndo(change: Change, message: string): void {
    const { document } = this.flowFile
    const before = document.text
    if (!this.apply(change)) return
    const after = document.text
    toast.undo(message, () => {
      const merge = mergeTexts(after, document.text, before)
      if (merge.collides) throw new Error('These lines were changed since. Take the older edits back with Ctrl+Z.')
      document.replace(merge.text, 'person')
    })
  }

  undo(): void {
    this.flowFile.document.undo()
  }

  redo(): void {
    this.flowFile.document.redo()
  }

  /** A new file with this content, unless there is one of that name. */
  async create(name: string, text: string): Promise<void> {
    await createFile(joinPath(this.path, name), text)
    this.readSoon()
  }

  /** What the studio reads out of the files (signatures, problems) is older than the files. */
  readSoon(): void {
    clearTimeout(this.readTimer)
    this.readTimer = setTimeout(() => {
      void queryClient.invalidateQueries({ queryKey: flowKeys.detail(this.address) })
    }, 120)
  }

  receive(event: StudioEvent): void {
    const names =
      event.type === 'rescan'
        ? [...this.files.keys()]
        : event.changes.map(({ path }) => this.nameOf(event.folder, path)).filter((name) => name !== null)
    for (const [name, file] of this.files) {
      if (names.some((changed) => name === changed || name.startsWith(`${changed}/`))) void file.refresh()
    }
    this.readSoon()
  }

  private nameOf(folder: string, path: string): string | null {
    const full = isInside(path, folder) ? path : joinPath(folder, path)
    return isInside(full, this.path) ? full.slice(this.path.length + 1) : null
  }
}
