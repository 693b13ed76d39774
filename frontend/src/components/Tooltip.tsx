import { Tooltip as MantineTooltip } from '@mantine/core'
import { type ReactElement, type ReactNode, useId } from 'react'
import { Keys } from './Keys'
import styles from './Tooltip.module.css'

interface TooltipProps {
  label: ReactNode
  keys?: string | undefined
  /** Also announce the text, for what the control's own name does not say. */
  describe?: boolean
  children: ReactElement<{ 'aria-describedby'?: string }>
}

/** A short text on hover and focus. */
export function Tooltip({ label, keys, describe, children }: TooltipProps) {
  const id = useId()
  const content = (
    <>
      <span>{label}</span>
      {keys && <Keys keys={keys} />}
    </>
  )
  const tooltip = (
    <MantineTooltip
      label={content}
      openDelay={350}
      events={{ hover: true, focus: true, touch: false }}
      classNames={{ tooltip: styles.tooltip }}
      portalProps={{ target: '#floats' }}
    >
      {children}
    </MantineTooltip>
  )
  if (!describe) return tooltip
  return (
    <span aria-describedby={id} style={{ display: 'inline-flex' }}>
      {tooltip}
      <span id={id} className="visually-hidden">
        {label}
      </span>
    </span>
  )
}
