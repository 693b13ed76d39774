import { type ReactNode, useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { Card } from '../../../components/Card'
import { classes } from '../../../lib/classes'
import { useAuthoring } from '../state/context'
import type { PageState } from '../state/pageStore'
import styles from './cards.module.css'

interface CardSectionProps {
  /** What selects it: the node, `inputs` or `outputs`. */
  id: string
  /** The region's name. */
  title: string
  icon: ReactNode
  actions?: ReactNode
  children: ReactNode
}

/** The card of the flow's inputs or outputs. */
export function CardSection({ id, title, icon, actions, children }: CardSectionProps) {
  const { ref, isSelected, select } = useCard(id)
  return (
    <Card
      as="section"
      ref={ref}
      aria-label={title}
      className={classes(styles.card, isSelected && styles.selected)}
      onPointerDownCapture={select}
    >
      <header className={styles.head}>
        {icon}
        <h2 className={styles.smallTitle}>{title}</h2>
        <span className={styles.end}>{actions}</span>
      </header>
      {children}
    </Card>
  )
}

/** A card that can be selected, here and in the graph, and comes into sight when it was elsewhere. */
export function useCard(id: string) {
  const { page } = useAuthoring()
  const ref = useRef<HTMLElement>(null)
  const isSelected = useStore(page, ({ selected }) => selected === id)
  useEffect(() => {
    const follow = ({ selected, scrolls, revealed }: PageState) => {
      if (selected !== id || scrolls === revealed) return
      page.setState({ revealed: scrolls })
      // After the page has drawn what else the choice changed: a card unfolds, the cards come back from raw mode.
      requestAnimationFrame(() => void ref.current?.scrollIntoView({ block: 'nearest', behavior: 'auto' }))
    }
    follow(page.getState())
    return page.subscribe(follow)
  }, [page, id])
  const select = () => page.getState().selected !== id && page.setState({ selected: id })
  return { ref, isSelected, select }
}
