import { useStore } from 'zustand'
import { Button } from '../../../components/Button'
import { useAuthoring } from '../state/context'
import { previewOf, shownValue, sizeOf } from '../values'
import styles from './cards.module.css'

/** What a node received and produced in its last run. */
export function NodeResultPreview({ node }: { node: string }) {
  const { runs, page } = useAuthoring()
  const state = useStore(runs.view, (view) => view.nodes[node])
  if (!state) return null
  if (state.streamed !== '') {
    return (
      <>
        <Head title="Output so far" />
        <pre className={styles.preview}>{state.streamed.slice(-600)}</pre>
      </>
    )
  }
  const { result } = state
  if (!result || state.status === 'bypassed') return null
  const toTrace = () => page.setState({ drawer: 'trace', isDrawerFolded: false, selected: node })
  if (state.status === 'failed') {
    return (
      <>
        <Head title="Received" onMore={toTrace} />
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
        <pre className={styles.preview} tabIndex={0}>
          {shownValue(result.inputs).slice(0, 2000)}
        </pre>
      </>
    )
  }
  return (
    <>
      <Head title="Output" size={sizeOf(result.output)} onMore={toTrace} />
      <p className={`${styles.note} truncate`} title={previewOf(result.output)}>
        {previewOf(result.output)}
      </p>
    </>
  )
}

function Head({ title, size, onMore }: { title: string; size?: string; onMore?: () => void }) {
  return (
    <div className={styles.group}>
      <h3 className="section-title">{title}</h3>
      <span className={styles.end}>
        {size && <span className={styles.facts}>{size}</span>}
        {onMore && (
          <Button variant="ghost" size="small" onClick={onMore}>
            Show in trace
          </Button>
        )}
      </span>
    </div>
  )
}
