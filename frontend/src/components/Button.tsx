import { IconLoader2 } from '@tabler/icons-react'
import type { ButtonHTMLAttributes, MouseEvent, ReactNode, Ref } from 'react'
import { classes } from '../lib/classes'
import styles from './Button.module.css'
import { Tooltip } from './Tooltip'

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  variant?: 'default' | 'primary' | 'ghost' | 'danger'
  size?: 'small' | 'medium' | 'large'
  icon?: ReactNode
  /** Shows that its work goes on; clicks do nothing meanwhile. */
  busy?: boolean
  /** Why the button does nothing now. It stays focusable and says so. */
  disabledReason?: string | null | undefined
  pressed?: boolean
  ref?: Ref<HTMLButtonElement>
}

const variants = { default: undefined, primary: styles.primary, ghost: styles.ghost, danger: styles.danger }
const sizes = { small: styles.small, medium: undefined, large: styles.large }

export function buttonClass(variant: ButtonProps['variant'] = 'default', size: ButtonProps['size'] = 'medium'): string {
  return classes(styles.button, variants[variant], sizes[size])
}

export function Button(props: ButtonProps) {
  const { variant, size, icon, busy, disabledReason, pressed, className, children, onClick, type, ...rest } = props
  const inert = Boolean(disabledReason) || busy
  const button = (
    <button
      {...rest}
      type={type ?? 'button'}
      className={classes(buttonClass(variant, size), pressed && styles.pressed, className)}
      aria-disabled={inert || rest['aria-disabled']}
      aria-busy={busy || undefined}
      aria-pressed={pressed}
      onClick={(event: MouseEvent<HTMLButtonElement>) => {
        if (inert) event.preventDefault()
        else onClick?.(event)
      }}
    >
      {busy ? <IconLoader2 size={16} stroke={1.5} className={styles.spin} aria-hidden /> : icon}
      {children}
    </button>
  )
  return disabledReason ? (
    <Tooltip label={disabledReason} describe>
      {button}
    </Tooltip>
  ) : (
    button
  )
}

export interface IconButtonProps extends Omit<ButtonProps, 'children' | 'icon'> {
  /** The accessible name, also shown on hover and focus. */
  label: string
  icon: ReactNode
  /** The key that does the same, shown beside the label. */
  keys?: string
}

export function IconButton({ label, keys, className, disabledReason, variant = 'ghost', ...rest }: IconButtonProps) {
  return (
    <Tooltip label={disabledReason ? `${label}: ${disabledReason}` : label} keys={keys}>
      <Button
        {...rest}
        variant={variant}
        aria-label={label}
        aria-disabled={disabledReason ? true : undefined}
        onClick={disabledReason ? undefined : rest.onClick}
        className={classes(styles.icon, className)}
      />
    </Tooltip>
  )
}

/** A button with a second one, for more ways to do the same, joined to it. */
export function SplitButton({ children }: { children: ReactNode }) {
  return <span className={styles.split}>{children}</span>
}
