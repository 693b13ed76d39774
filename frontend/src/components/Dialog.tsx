import { Modal } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { Button } from './Button'
import styles from './Dialog.module.css'

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
  return (
    <Modal.Root
      opened
      onClose={onClose}
      size={width}
      centered
      lockScroll={false}
      closeOnClickOutside={!keepOpenOutside}
      transitionProps={{ duration: 0 }}
      classNames={{
        inner: styles.inner,
        content: styles.content,
        overlay: styles.overlay,
        title: styles.title,
        body: styles.body,
      }}
    >
      <Modal.Overlay />
      <Modal.Content>
        <div className={styles.header}>
          <Modal.Title>{title}</Modal.Title>
          <Button variant="ghost" aria-label="Close" title="Close" className={styles.close} onClick={onClose}>
            <IconX size={16} stroke={1.5} aria-hidden />
          </Button>
        </div>
        <Modal.Body>
          <div className={styles.main}>{children}</div>
          {footer && <div className={styles.footer}>{footer}</div>}
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  )
}
