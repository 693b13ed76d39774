import { defaultKeymap, indentWithTab } from '@codemirror/commands'
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language'
import { Compartment, EditorState, type Extension } from '@codemirror/state'
import {
  crosshairCursor,
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  rectangularSelection,
} from '@codemirror/view'
import {
  type Ref,
  type RefObject,
  useEffect,
  useEffectEvent,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useSyncExternalStore,
} from 'react'
import { cspNonce } from '../../lib/base'
import { classes } from '../../lib/classes'
import styles from './CodeEditor.module.css'
import { languageFor, marksFor, wrapsLines } from './languages'
import { type EditorMarker, markerSupport, showMarkers } from './markers'
import { marks } from './marks'
import { searchSupport } from './search'
import type { TextDocument } from './TextDocument'
import { editorTheme } from './theme'

export interface EditorHandle {
  /** Put the cursor on a line (from 1) and bring it into sight. */
  reveal: (line: number, column?: number) => void
  focus: () => void
}

interface CodeEditorProps {
  document: TextDocument
  /** The accessible name, and by its ending the language. */
  path: string
  readOnly?: boolean | undefined
  markers?: readonly EditorMarker[] | undefined
  /** `fill` takes the height there is, `fit` that of the text up to a limit. */
  height: 'fill' | 'fit'
  onFocus?: (() => void) | undefined
  /** Ctrl+Enter. */
  onRun?: (() => void) | undefined
  /** Ctrl+S, for those whose fingers save. */
  onSave?: (() => void) | undefined
  autoFocus?: boolean | undefined
  handle?: Ref<EditorHandle> | undefined
  /** What else screen readers are told, by its id. */
  describedBy?: string | undefined
}

const noMarkers: readonly EditorMarker[] = []

/** An editor of one text document. Several may show the same document. */
export function CodeEditor(props: CodeEditorProps) {
  const { document: text, path, readOnly = false, markers = noMarkers, height, autoFocus = false } = props
  const host = useRef<HTMLDivElement>(null)
  const { view, generation } = useEditor(host, props)

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new editor shows no markers yet.
  useEffect(() => {
    if (!view.current) return
    showMarkers(view.current.editor, markers)
    const told = markers.find((marker) => marker.lens)
    if (told) scrollInside(view.current.editor, told.line)
  }, [markers, generation, text, path])

  useEffect(() => {
    view.current?.setReadOnly(readOnly)
  }, [readOnly, view])

  useEffect(() => {
    if (autoFocus) view.current?.editor.focus()
  }, [autoFocus, view])

  useImperativeHandle(
    props.handle,
    () => ({
      focus: () => view.current?.editor.focus(),
      reveal: (line, column) => {
        if (view.current) reveal(view.current.editor, line, column)
      },
    }),
    [view],
  )

  return <div ref={host} className={classes(styles.editor, height === 'fill' ? styles.fill : styles.fit)} />
}

interface OpenEditor {
  editor: EditorView
  setReadOnly: (readOnly: boolean) => void
}

/** The editor in `host`; another one for another document, or for a new generation of it. */
function useEditor(host: RefObject<HTMLDivElement | null>, props: CodeEditorProps) {
  const { document: text, path, readOnly = false } = props
  const view = useRef<OpenEditor>(null)
  const generation = useSyncExternalStore(
    (listener) => text.subscribe(listener),
    () => text.generation,
  )
  const run = useEffectEvent(() => props.onRun?.())
  const save = useEffectEvent(() => props.onSave?.())
  const focused = useEffectEvent(() => props.onFocus?.())
  const isReadOnly = useEffectEvent(() => readOnly)

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new generation of the document needs a new editor.
  useLayoutEffect(() => {
    if (!host.current) return
    const language = new Compartment()
    const mode = new Compartment()
    const editor: EditorView = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: text.doc,
        extensions: [
          text.lineBreaks(),
          mode.of(EditorState.readOnly.of(isReadOnly())),
          searchSupport(),
          commandKeys(
            text,
            () => run(),
            () => save(),
          ),
          baseExtensions(path),
          language.of([]),
          EditorView.domEventHandlers({ focus: () => focused() }),
        ],
      }),
      dispatchTransactions: (transactions, own) => {
        own.update(transactions)
        for (const transaction of transactions) text.receive(transaction, own)
      },
    })
    view.current = {
      editor,
      setReadOnly: (now) => editor.dispatch({ effects: mode.reconfigure(EditorState.readOnly.of(now)) }),
    }
    const detach = text.attach(editor)
    let alive = true
    languageFor(path).then(
      (extension) => alive && editor.dispatch({ effects: language.reconfigure(extension) }),
      () => undefined, // Without its grammar a text is plain, and still a text.
    )
    return () => {
      alive = false
      detach()
      editor.destroy()
      view.current = null
    }
  }, [text, path, generation])
  return { view, generation }
}

function baseExtensions(path: string): Extension {
  const marked = marksFor(path)
  return [
    EditorView.cspNonce.of(cspNonce),
    editorTheme,
    lineNumbers(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    drawSelection(),
    dropCursor(),
    rectangularSelection(),
    crosshairCursor(),
    bracketMatching(),
    indentOnInput(),
    indentUnit.of(/\.py$/i.test(path) ? '    ' : '  '),
    EditorState.tabSize.of(4),
    EditorState.allowMultipleSelections.of(true),
    wrapsLines(path) ? EditorView.lineWrapping : [],
    EditorView.clipboardInputFilter.of((pasted, state) => pasted.replace(/\r\n?|\n/g, state.lineBreak)),
    EditorView.contentAttributes.of({
      'aria-label': path,
      tabindex: '0',
      spellcheck: 'false',
      autocorrect: 'off',
      autocapitalize: 'off',
    }),
    markerSupport,
    marked ? marks[marked] : [],
  ]
}

function commandKeys(text: TextDocument, run: () => void, save: () => void): Extension {
  const acted = (act: () => void) => () => {
    act()
    return true
  }
  return keymap.of([
    { key: 'Mod-Enter', run: acted(run) },
    { key: 'Mod-s', run: acted(save) },
    { key: 'Mod-z', run: (view) => text.undo(view) || true },
    { key: 'Mod-y', mac: 'Mod-Shift-z', run: (view) => text.redo(view) || true },
    { key: 'Mod-Shift-z', run: (view) => text.redo(view) || true },
    // Escape, then Tab, leaves the editor.
    indentWithTab,
    ...defaultKeymap,
  ])
}

/** Scrolls the text, and nothing around the editor. */
function scrollInside(view: EditorView, line: number): void {
  view.requestMeasure({
    read: () => view.lineBlockAt(view.state.doc.line(Math.max(1, Math.min(line, view.state.doc.lines))).from).top,
    write: (top) => {
      view.scrollDOM.scrollTop = Math.max(0, top - 60)
    },
  })
}

function reveal(view: EditorView, line: number, column = 1): void {
  const place = view.state.doc.line(Math.max(1, Math.min(line, view.state.doc.lines)))
  const anchor = Math.min(place.to, place.from + column - 1)
  view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) })
  view.focus()
}
