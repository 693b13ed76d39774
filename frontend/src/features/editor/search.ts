import { Compartment, type Extension, Prec } from '@codemirror/state'
import { type Command, EditorView, keymap } from '@codemirror/view'

/** Search, and marks on what is selected. Both are loaded when an editor gets the focus. */
export function searchSupport(): Extension {
  const place = new Compartment()
  let loading: Promise<typeof import('@codemirror/search')> | null = null
  const load = (view: EditorView) => {
    loading ??= import('@codemirror/search').then((search) => {
      const support = [search.highlightSelectionMatches(), Prec.high(keymap.of(search.searchKeymap))]
      view.dispatch({ effects: place.reconfigure(support) })
      return search
    })
    loading.catch(() => {
      loading = null // The next focus tries again.
    })
    return loading
  }
  const open: Command = (view) => {
    load(view).then(
      (search) => search.openSearchPanel(view),
      () => undefined,
    )
    return true
  }
  return [
    place.of([]),
    keymap.of([{ key: 'Mod-f', run: open }]),
    EditorView.domEventHandlers({ focus: (_, view) => void load(view).catch(() => undefined) }),
  ]
}
