import { IconX } from '@tabler/icons-react'
import { type ReactNode, useId } from 'react'
import { Button } from './Button'
import styles from './Dialog.module.css'
import { Modal } from './Modal'

interface DialogProps {
  title: string
  onClose: () => void
  children: ReactNode
  /** Buttons at the foot; the primary one stands last. */
  footer?: ReactNode
  width?: number
  /** Leaves a click outside without effect, where typed work would be lost. */
  keepOpenOutside?: boolean
}

/** A modal dialog named by its title. Escape closes it, focus returns to where it was. */
export function Dialog({ title, onClose, children, footer, width = 480, keepOpenOutside }: DialogProps) {
  const titleId = useId()
  return (
    <Modal labelledBy={titleId} onClose={onClose} width={width} keepOpenOutside={keepOpenOutside}>
      <div className={styles.header}>
        <h2 id={titleId} className={styles.title}>
          {title}
        </h2>
        <Button variant="ghost" aria-label="Close" title="Close" className={styles.close} onClick={onClose}>
          <IconX size={16} stroke={1.5} aria-hidden />
        </Button>
      </div>
      <div className={styles.body}>
        <div className={styles.main}>{children}</div>
        {footer && <div className={styles.footer}>{footer}</div>}
      </div>
    </Modal>
  )
}
