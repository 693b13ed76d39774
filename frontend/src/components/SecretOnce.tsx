import { Button } from './Button'
import { TextField } from './Field'
import styles from './SecretOnce.module.css'
import { toast } from './Toasts'

interface SecretOnceProps {
  label: string
  secret: string
  /** The button's object: "Copy link". */
  what: string
}

/** A secret that is shown this once, ready to copy. */
export function SecretOnce({ label, secret, what }: SecretOnceProps) {
  async function copy() {
    try {
      await navigator.clipboard.writeText(secret)
      toast.say(`The ${what} was copied.`)
    } catch {
      toast.say('The browser did not allow copying. Select the text and copy it.')
    }
  }
  return (
    <div className={styles.secret}>
      <TextField
        label={label}
        value={secret}
        onChange={() => undefined}
        onFocus={(event) => event.target.select()}
        readOnly
        mono
        autoFocus
      />
      <Button size="large" onClick={() => void copy()}>
        Copy {what}
      </Button>
    </div>
  )
}
