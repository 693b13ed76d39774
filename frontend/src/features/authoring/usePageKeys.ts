import { type KeyboardEvent, useMemo } from 'react'
import { useCommands } from '../../app/commands'
import { useRun } from './run/useRun'
import { useAuthoring } from './state/context'

/** Keys of the authoring page: run what has focus, undo and redo of card edits. */
export function usePageKeys(): (event: KeyboardEvent) => void {
  const { session, page, runs, readOnly } = useAuthoring()
  const run = useRun()
  useCommands(
    useMemo(
      () => [
        {
          id: 'run-focus',
          label: 'Run the node that has focus, else the flow',
          keys: 'Ctrl+Enter',
          group: 'Flow',
          run: () => void run.flow(),
        },
        { id: 'stop', label: 'Stop the run', group: 'Flow', run: () => void runs.stop() },
        { id: 'undo', label: 'Undo', keys: 'Ctrl+Z', group: 'Flow', listedOnly: true, run: () => session.undo() },
        { id: 'redo', label: 'Redo', keys: 'Ctrl+Shift+Z', group: 'Flow', listedOnly: true, run: () => session.redo() },
        {
          id: 'raw',
          label: 'Raw file mode on or off',
          group: 'Flow',
          run: () => page.setState(({ isRaw }) => ({ isRaw: !isRaw })),
        },
      ],
      [session, page, run, runs],
    ),
  )
  return (event) => {
    if (event.defaultPrevented || !(event.ctrlKey || event.metaKey)) return
    if (event.key === 'Enter') {
      const card = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-node]') : null
      const node = session.flow.getState().model?.nodes.find((each) => each.name === card?.dataset.node)
      event.preventDefault()
      void (node ? run.node(node) : run.flow())
    } else if (event.key.toLowerCase() === 'z' && !isText(event.target) && !readOnly) {
      event.preventDefault()
      if (event.shiftKey) session.redo()
      else session.undo()
    } else if (event.key.toLowerCase() === 's') {
      event.preventDefault()
      void session.flush()
    }
  }
}

/** Fields undo by themselves what was typed into them. */
function isText(target: EventTarget): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA)$/.test(target.tagName))
}
