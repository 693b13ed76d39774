import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { signOutEverywhere } from '../../api/account'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { Checkbox } from '../../components/Field'
import { ErrorMessage } from '../../components/Note'
import { address } from '../../lib/base'
import styles from './AccountPage.module.css'

/** Ends every session of one's own, this one as well. */
export function SignOutEverywhereDialog({ onClose }: { onClose: () => void }) {
  const [tokens, setTokens] = useState(false)
  const leaving = useMutation({
    mutationFn: () => signOutEverywhere(tokens),
    onSuccess: () => location.assign(address('/sign-in')),
  })
  return (
    <Dialog
      title="Sign out everywhere"
      onClose={onClose}
      footer={
        <>
          <span className="grow" />
          <Button size="large" variant="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button size="large" variant="danger" busy={leaving.isPending} onClick={() => leaving.mutate()}>
            Sign out everywhere
          </Button>
        </>
      }
    >
      <div className={styles.form}>
        <p>
          Every browser in which you are signed in is signed out, this one as well. What is open ends within seconds.
        </p>
        <Checkbox label="Also revoke all personal tokens" checked={tokens} onChange={setTokens} />
        {leaving.error && <ErrorMessage error={leaving.error} />}
      </div>
    </Dialog>
  )
}
