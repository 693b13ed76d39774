import { history, isolateHistory, redo, redoDepth, undo, undoDepth } from '@codemirror/commands'
import {
  Annotation,
  type ChangeSet,
  type ChangeSpec,
  EditorState,
  type Extension,
  Transaction,
  type TransactionSpec,
} from '@codemirror/state'
import type { EditorView } from '@codemirror/view'
import { sortEdits, type TextEdit } from '../../yaml/splice'
import { diffLines, splitLines } from './lineDiff'

/** Marks what a view received from its document, so that it is not sent back. */
const fromDocument = Annotation.define<boolean>()

/** Who changed the text: a person here, or the file on disk. */
export type ChangeOrigin = 'person' | 'disk'

type Listener = (origin: ChangeOrigin) => void

/**
 * One text and its undo history, shown by any number of editors. It outlives them, so that undo works across cards and
 * the raw editor. Every byte of the text is kept, line ends included; offsets are those of the text.
 */
export class TextDocument {
  private state: EditorState
  private usesCrlf: boolean
  private readonly views = new Set<EditorView>()
  private readonly listeners = new Set<Listener>()
  private cachedText: string
  /** Grows when every editor has to be made anew, because all positions mean other places. */
  generation = 0

  constructor(text: string) {
    this.cachedText = text
    this.usesCrlf = isCrlfThroughout(text)
    this.state = this.createState(text)
  }

  private createState(text: string): EditorState {
    return EditorState.create({ doc: this.toDoc(text), extensions: [this.lineBreaks(), history()] })
  }

  /** What an editor of this document needs to keep its line ends. */
  lineBreaks(): Extension {
    return EditorState.lineSeparator.of(this.usesCrlf ? '\r\n' : '\n')
  }

  private toDoc(text: string) {
    return EditorState.create({ extensions: [this.lineBreaks()] }).toText(text)
  }

  get text(): string {
    return this.cachedText
  }

  get canUndo(): boolean {
    return undoDepth(this.state) > 0
  }

  get canRedo(): boolean {
    return redoDepth(this.state) > 0
  }

  /** The content for a new editor. */
  get doc() {
    return this.state.doc
  }

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  attach(view: EditorView): () => void {
    this.views.add(view)
    return () => this.views.delete(view)
  }

  /** Make edits found elsewhere than in an editor, as one step of the history. */
  apply(edits: readonly TextEdit[]): void {
    if (edits.length === 0) return
    this.dispatch({ changes: this.changesOf(edits), annotations: [isolateHistory.of('full')] }, 'person')
  }

  /** Set the whole text by its smallest changes: cursors stay where they were. Changes from disk cannot be undone. */
  replace(text: string, origin: ChangeOrigin): void {
    if (text === this.text) return
    if (isCrlfThroughout(text) !== this.usesCrlf && text.includes('\n')) {
      this.reset(text, origin)
      return
    }
    const annotations = origin === 'disk' ? [Transaction.addToHistory.of(false)] : [isolateHistory.of('full')]
    this.dispatch({ changes: this.changesOf(lineEdits(this.text, text)), annotations }, origin)
  }

  /** Other line ends throughout: every position means another place, so the history starts anew. */
  private reset(text: string, origin: ChangeOrigin): void {
    this.usesCrlf = isCrlfThroughout(text)
    this.cachedText = text
    this.state = this.createState(text)
    this.generation++
    this.tell(origin)
  }

  /** A transaction of one of the editors. */
  receive(transaction: Transaction, view: EditorView): void {
    if (transaction.changes.empty || transaction.annotation(fromDocument)) return
    const userEvent = transaction.annotation(Transaction.userEvent)
    const annotations = userEvent ? [Transaction.userEvent.of(userEvent)] : []
    this.state = this.state.update({ changes: transaction.changes, annotations }).state
    this.cachedText = this.state.sliceDoc()
    this.pass(transaction.changes, view)
    this.tell('person')
  }

  undo(focused?: EditorView): boolean {
    return this.travel(undo, focused)
  }

  redo(focused?: EditorView): boolean {
    return this.travel(redo, focused)
  }

  private travel(step: typeof undo, focused?: EditorView): boolean {
    return step({
      state: this.state,
      dispatch: (transaction) => {
        this.state = transaction.state
        this.cachedText = this.state.sliceDoc()
        this.pass(transaction.changes)
        if (focused) showChange(focused, transaction.changes)
        this.tell('person')
      },
    })
  }

  private dispatch(spec: TransactionSpec, origin: ChangeOrigin): void {
    const transaction = this.state.update(spec)
    this.state = transaction.state
    this.cachedText = this.state.sliceDoc()
    this.pass(transaction.changes)
    this.tell(origin)
  }

  private pass(changes: ChangeSet, except?: EditorView): void {
    for (const view of this.views) {
      if (view !== except) view.dispatch({ changes, annotations: fromDocument.of(true) })
    }
  }

  private tell(origin: ChangeOrigin): void {
    for (const listener of this.listeners) listener(origin)
  }

  private changesOf(edits: readonly TextEdit[]): ChangeSpec[] {
    return sortEdits(edits).map(({ from, to, insert }) => ({
      from: this.positionOf(from),
      to: this.positionOf(to),
      insert: this.toDoc(insert),
    }))
  }

  /** A line break counts as one character in an editor, whatever it is in the file. */
  positionOf(offset: number): number {
    if (!this.usesCrlf) return offset
    let position = offset
    for (let at = this.text.indexOf('\r\n'); at >= 0 && at < offset; at = this.text.indexOf('\r\n', at + 2)) position--
    return position
  }
}

function showChange(view: EditorView, changes: ChangeSet): void {
  let last: number | null = null
  changes.iterChangedRanges((_fromA, _toA, _fromB, toB) => {
    last = toB
  })
  if (last !== null) view.dispatch({ selection: { anchor: last }, scrollIntoView: true })
}

export function isCrlfThroughout(text: string): boolean {
  return text.includes('\r\n') && !/(^|[^\r])\n/.test(text)
}

/** The lines that differ, as edits. */
function lineEdits(before: string, after: string): TextEdit[] {
  const [a, b] = [splitLines(before), splitLines(after)]
  const offsets = [0]
  for (const line of a) offsets.push((offsets.at(-1) ?? 0) + line.length)
  return diffLines(a, b).map((change) => {
    const from = offsets[change.fromA] ?? before.length
    const to = offsets[change.toA] ?? before.length
    return within({ from, to, insert: b.slice(change.fromB, change.toB).join('') }, before)
  })
}

/** Without what is equal at both ends, so that a cursor inside a changed line stays at its word. */
function within(edit: TextEdit, text: string): TextEdit {
  let { from, to, insert } = edit
  while (from < to && insert !== '' && text[from] === insert[0] && !/[\r\n]/.test(insert[0] ?? '')) {
    from++
    insert = insert.slice(1)
  }
  while (to > from && insert !== '' && text[to - 1] === insert.at(-1) && !/[\r\n]/.test(insert.at(-1) ?? '')) {
    to--
    insert = insert.slice(0, -1)
  }
  return { from, to, insert }
}
