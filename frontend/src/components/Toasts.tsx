import { IconArrowBackUp, IconCircleX, IconInfoCircle, IconX } from '@tabler/icons-react'
import { useEffect } from 'react'
import { create } from 'zustand'
import { ApiError, errorText } from '../api/errors'
import { classes } from '../lib/classes'
import { Button, IconButton } from './Button'
import styles from './Toasts.module.css'

interface Toast {
  id: number
  message: string
  tone: 'neutral' | 'danger'
  action?: { label: string; run: () => unknown } | undefined
  seconds: number
}

interface ToastState {
  toasts: Toast[]
  add: (toast: Omit<Toast, 'id'>) => void
  remove: (id: number) => void
}

let lastId = 0

const useToasts = create<ToastState>((set) => ({
  toasts: [],
  add: (toast) => {
    lastId += 1
    const id = lastId
    set(({ toasts }) => ({ toasts: [...toasts.slice(-2), { ...toast, id }] }))
  },
  remove: (id) => set(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) })),
}))

/** Says what happened; a failure without a place of its own stays longer. */
export const toast = {
  say: (message: string) => useToasts.getState().add({ message, tone: 'neutral', seconds: 5 }),
  fail: (error: unknown, before = '') => {
    // A session that has ended asks to sign in again by itself.
    if (error instanceof ApiError && error.status === 401) return
    useToasts.getState().add({ message: `${before}${errorText(error)}`, tone: 'danger', seconds: 15 })
  },
  /** Says what happened and offers where to go from there. */
  offer: (message: string, label: string, run: () => void) =>
    useToasts.getState().add({ message, tone: 'neutral', seconds: 10, action: { label, run } }),
  /** What was done can be undone for ten seconds. */
  undo: (message: string, undo: () => unknown) =>
    useToasts.getState().add({ message, tone: 'neutral', seconds: 10, action: { label: 'Undo', run: undo } }),
}

function ToastView({ toast: shown }: { toast: Toast }) {
  const remove = useToasts((state) => state.remove)
  useEffect(() => {
    const timer = setTimeout(() => remove(shown.id), shown.seconds * 1000)
    return () => clearTimeout(timer)
  }, [shown, remove])
  const { action } = shown
  const run = async () => {
    remove(shown.id)
    try {
      await action?.run()
    } catch (error) {
      toast.fail(error)
    }
  }
  const Icon = shown.tone === 'danger' ? IconCircleX : IconInfoCircle
  return (
    <li className={classes(styles.toast, shown.tone === 'danger' && styles.danger)}>
      <Icon size={16} stroke={1.5} aria-hidden />
      <span className={styles.message}>{shown.message}</span>
      {action && (
        <Button
          size="small"
          icon={action.label === 'Undo' && <IconArrowBackUp size={14} stroke={1.5} aria-hidden />}
          onClick={run}
        >
          {action.label}
        </Button>
      )}
      <IconButton
        size="small"
        label="Dismiss"
        icon={<IconX size={14} stroke={1.5} aria-hidden />}
        onClick={() => remove(shown.id)}
      />
    </li>
  )
}

/** Where toasts appear; a polite live region. */
export function Toasts() {
  const toasts = useToasts((state) => state.toasts)
  return (
    <section aria-label="Notices" aria-live="polite" className={styles.place}>
      <ul className={styles.toasts}>
        {toasts.map((each) => (
          <ToastView key={each.id} toast={each} />
        ))}
      </ul>
    </section>
  )
}
