import type { LinkMade } from '../../api/people'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { Note } from '../../components/Note'
import { SecretOnce } from '../../components/SecretOnce'
import styles from './PeoplePage.module.css'

interface ResetLinkDialogProps {
  username: string
  made: LinkMade
  onClose: () => void
}

/** The link by which somebody sets a new password; it is shown this once. */
export function ResetLinkDialog({ username, made, onClose }: ResetLinkDialogProps) {
  return (
    <Dialog
      title={`Reset link of ${username}`}
      onClose={onClose}
      keepOpenOutside
      footer={
        <>
          <span className="grow" />
          <Button size="large" variant="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      <div className={styles.form}>
        <SecretOnce label="Reset link" secret={made.link} what="link" />
        <Note>
          This link is shown this once, works once and for a day. Setting a password by it signs {username} out
          everywhere and takes all their tokens back.
        </Note>
      </div>
    </Dialog>
  )
}
