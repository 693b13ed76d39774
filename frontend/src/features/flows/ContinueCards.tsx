import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useCallback, useMemo, useRef, useState } from 'react'
import { type FlowItem, flowQuery } from '../../api/flows'
import cardStyles from '../../components/Card.module.css'
import { FlowTypeIcon } from '../../components/Kind'
import { MiniGraph } from '../../components/MiniGraph'
import { StatusText } from '../../components/Status'
import { Time } from '../../components/Time'
import { classes } from '../../lib/classes'
import { flowPicture } from '../../lib/flowPicture'
import { counted } from '../../lib/format'
import styles from './FlowsPage.module.css'
import { typeTitle } from './flowWords'

const cardWidth = 260
const gap = 12

/** How many cards fit side by side. */
function useFitting() {
  const [count, setCount] = useState(4)
  const observer = useRef<ResizeObserver>(null)
  const measure = useCallback((element: HTMLElement | null) => {
    observer.current?.disconnect()
    if (!element) return
    observer.current = new ResizeObserver(([entry]) => {
      const width = entry?.contentRect.width ?? 0
      setCount(Math.max(1, Math.floor((width + gap) / (cardWidth + gap))))
    })
    observer.current.observe(element)
  }, [])
  return [count, measure] as const
}

function ContinueCard({ item }: { item: FlowItem }) {
  const { data: flow } = useQuery({ ...flowQuery(item.path), staleTime: 60_000 })
  const picture = useMemo(() => (flow ? flowPicture(flow) : null), [flow])
  const problems = flow?.problems.filter((problem) => problem.severity === 'error').length ?? 0
  return (
    <li>
      <Link to="/flows/$" params={{ _splat: item.path }} className={classes(cardStyles.card, styles.card)}>
        <div className={styles.picture}>{picture && <MiniGraph nodes={picture.nodes} edges={picture.edges} />}</div>
        <div className={styles.caption}>
          <div className="row">
            <FlowTypeIcon type={item.type} />
            <span className="medium truncate grow">{item.name}</span>
            {problems > 0 && <StatusText status="failed">{counted(problems, 'problem')}</StatusText>}
          </div>
          <div className={styles.changed}>
            Changed <Time at={item.modified} />
            {flow && ` · ${item.kind === 'dag' ? counted(flow.nodes.length, 'node') : typeTitle(item)}`}
          </div>
        </div>
      </Link>
    </li>
  )
}

/** The flows of mine that changed last, as pictures. As many as fit in one row. */
export function ContinueCards({ flows }: { flows: readonly FlowItem[] }) {
  const mine = flows.filter((flow) => flow.writable)
  const [fitting, measure] = useFitting()
  const recent = [...(mine.length > 0 ? mine : flows)]
    .sort((one, other) => Date.parse(other.modified) - Date.parse(one.modified))
    .slice(0, fitting)
  return (
    <section className={styles.section} aria-label="Continue">
      <h2 className="section-title">Continue</h2>
      <ul ref={measure} className={styles.cards}>
        {recent.map((item) => (
          <ContinueCard key={item.path} item={item} />
        ))}
      </ul>
    </section>
  )
}
