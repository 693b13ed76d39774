import type { Diagnostic } from '@codemirror/lint'
import { type EditorState, type Extension, type Range, RangeSet, StateEffect, StateField } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, GutterMarker, gutterLineClass, WidgetType } from '@codemirror/view'

/** Something to say about a line. */
export interface EditorMarker {
  /** 1-based. */
  line: number
  /** 1-based; the whole line without it. */
  column?: number | undefined
  severity: 'error' | 'warning'
  message: string
  /** Shown under its line, not only on hover; `title` stands before the message. */
  lens?: boolean
  title?: string | undefined
}

const setMarkers = StateEffect.define<readonly EditorMarker[]>()

class LensWidget extends WidgetType {
  readonly title: string
  readonly message: string

  constructor(title: string, message: string) {
    super()
    this.title = title
    this.message = message
  }

  override eq(other: LensWidget): boolean {
    return other.title === this.title && other.message === this.message
  }

  override toDOM(): HTMLElement {
    const element = document.createElement('div')
    element.className = 'cm-lens'
    const text = document.createElement('span')
    if (this.title) text.append(Object.assign(document.createElement('b'), { textContent: this.title }))
    text.append(this.message)
    element.append(text)
    return element
  }

  override ignoreEvent(): boolean {
    return true
  }
}

const badNumber = new (class extends GutterMarker {
  override elementClass = 'cm-bad-number'
})()

interface Marks {
  lines: DecorationSet
  numbers: RangeSet<GutterMarker>
}

const noMarks: Marks = { lines: Decoration.none, numbers: RangeSet.empty }

const markerField = StateField.define<Marks>({
  create: () => noMarks,
  update(marks, transaction) {
    let next = marks
    if (transaction.docChanged) {
      next = { lines: next.lines.map(transaction.changes), numbers: next.numbers.map(transaction.changes) }
    }
    for (const effect of transaction.effects) {
      if (effect.is(setMarkers)) next = drawMarks(transaction.state, effect.value)
    }
    return next
  },
  provide: (field) => [
    EditorView.decorations.from(field, (marks) => marks.lines),
    gutterLineClass.from(field, (marks) => marks.numbers),
  ],
})

function drawMarks(state: EditorState, markers: readonly EditorMarker[]): Marks {
  const lines: Range<Decoration>[] = []
  const numbers: Range<GutterMarker>[] = []
  for (const marker of markers) {
    if (marker.line < 1 || marker.line > state.doc.lines) continue
    const line = state.doc.line(marker.line)
    const look = marker.severity === 'error' ? 'cm-bad-line' : 'cm-doubtful-line'
    lines.push(Decoration.line({ class: look }).range(line.from))
    if (marker.severity === 'error') numbers.push(badNumber.range(line.from))
    if (!marker.lens) continue
    const widget = new LensWidget(marker.title ?? '', marker.message)
    lines.push(Decoration.widget({ widget, block: true, side: 1 }).range(line.to))
  }
  return { lines: Decoration.set(lines, true), numbers: RangeSet.of(numbers, true) }
}

export const markerSupport: Extension = markerField

const shown = new WeakMap<EditorView, readonly EditorMarker[]>()

/** Show these markers and no others. */
export function showMarkers(view: EditorView, markers: readonly EditorMarker[]): void {
  const hadAny = (shown.get(view) ?? []).length > 0
  shown.set(view, markers)
  view.dispatch({ effects: setMarkers.of(markers) })
  if (hadAny || markers.length > 0) void underline(view, markers)
}

/** Wavy lines with the message on hover; what draws them is loaded with the first problem. */
async function underline(view: EditorView, markers: readonly EditorMarker[]): Promise<void> {
  const { setDiagnostics } = await import('@codemirror/lint')
  if (shown.get(view) !== markers || !view.dom.isConnected) return
  const diagnostics = markers.flatMap((marker): Diagnostic[] => {
    if (marker.line < 1 || marker.line > view.state.doc.lines) return []
    const line = view.state.doc.line(marker.line)
    const indent = /^\s*/.exec(line.text)?.[0].length ?? 0
    const from = Math.min(line.to, line.from + (marker.column ? marker.column - 1 : indent))
    const message = marker.title ? `${marker.title}: ${marker.message}` : marker.message
    return [{ from, to: line.to, severity: marker.severity, message }]
  })
  view.dispatch(setDiagnostics(view.state, diagnostics))
}
