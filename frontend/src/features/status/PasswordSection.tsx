import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { ApiError } from '../../api/errors'
import { changePassword } from '../../api/session'
import { Button } from '../../components/Button'
import { Card } from '../../components/Card'
import { TextField } from '../../components/Field'
import { ErrorMessage } from '../../components/Note'
import { toast } from '../../components/Toasts'
import styles from './SettingsPage.module.css'

const nothing = { current: '', fresh: '', again: '' }

/** Which field the studio refused. */
function faultOf(error: Error): 'current' | 'fresh' | 'elsewhere' {
  if (!(error instanceof ApiError)) return 'elsewhere'
  if (error.status === 403) return 'current'
  return error.status === 400 || error.status === 422 ? 'fresh' : 'elsewhere'
}

/** One's own password. Who signed in by a link and has none yet leaves the first field empty. */
export function PasswordSection({ username }: { username: string }) {
  const [typed, setTyped] = useState(nothing)
  const set = (part: Partial<typeof nothing>) => {
    setTyped((before) => ({ ...before, ...part }))
    change.reset()
  }
  const change = useMutation({
    mutationFn: () => changePassword(typed.fresh, typed.current === '' ? null : typed.current),
    onSuccess: () => {
      setTyped(nothing)
      toast.say('The password is changed. Other browsers and scripts have to sign in again.')
    },
  })
  const reason = typed.fresh === '' ? 'Enter a new password.' : typed.again !== typed.fresh ? 'Repeat it.' : null
  const fault = change.error ? faultOf(change.error) : null
  function submit(event: FormEvent) {
    event.preventDefault()
    if (reason === null && !change.isPending) change.mutate()
  }
  return (
    <Card as="section" padded className={styles.section} aria-labelledby="password">
      <h2 id="password" className={styles.title}>
        Password
      </h2>
      <form className={styles.form} onSubmit={submit}>
        {/* Password managers look for whose password it is. */}
        <input type="text" autoComplete="username" value={username} readOnly hidden />
        <Fields
          typed={typed}
          onChange={set}
          currentProblem={fault === 'current' ? change.error?.message : undefined}
          freshProblem={fault === 'fresh' ? change.error?.message : undefined}
        />
        {fault === 'elsewhere' && <ErrorMessage error={change.error} />}
        <div>
          <Button type="submit" size="large" busy={change.isPending} disabledReason={reason}>
            Change password
          </Button>
        </div>
      </form>
    </Card>
  )
}

interface FieldsProps {
  typed: typeof nothing
  onChange: (part: Partial<typeof nothing>) => void
  currentProblem: string | undefined
  freshProblem: string | undefined
}

function Fields({ typed, onChange, currentProblem, freshProblem }: FieldsProps) {
  const differs = typed.again !== '' && typed.again !== typed.fresh
  return (
    <>
      <TextField
        label="Current password"
        type="password"
        autoComplete="current-password"
        value={typed.current}
        onChange={(current) => onChange({ current })}
        hint="Leave it empty if you have none yet."
        problem={currentProblem}
      />
      <TextField
        label="New password"
        type="password"
        autoComplete="new-password"
        value={typed.fresh}
        onChange={(fresh) => onChange({ fresh })}
        problem={freshProblem}
      />
      <TextField
        label="New password again"
        type="password"
        autoComplete="new-password"
        value={typed.again}
        onChange={(again) => onChange({ again })}
        problem={differs ? 'It is not the same.' : undefined}
      />
    </>
  )
}
