import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { type LinkPerson, signInByLink } from '../../api/session'
import { Button } from '../../components/Button'
import { TextField } from '../../components/Field'
import { ErrorMessage } from '../../components/Note'
import styles from './SignInForm.module.css'

interface LinkFormProps {
  token: string
  person: LinkPerson
  onSignedIn: () => void
}

/** Signing in by a one-time link; the first user may still choose a name. */
export function LinkForm({ token, person, onSignedIn }: LinkFormProps) {
  const [username, setUsername] = useState(person.username)
  const [password, setPassword] = useState('')
  const attempt = useMutation({
    mutationFn: () =>
      signInByLink(token, {
        ...(person.may_choose_name ? { username } : {}),
        ...(password === '' ? {} : { password }),
      }),
    onSuccess: onSignedIn,
  })

  function submit(event: FormEvent) {
    event.preventDefault()
    if (username !== '') attempt.mutate()
  }

  return (
    <form className={styles.form} onSubmit={submit}>
      <TextField
        label="Username"
        value={username}
        onChange={setUsername}
        readOnly={!person.may_choose_name}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        hint={person.may_choose_name ? `Your flows will be in Users/${username || '…'}/promptflow.` : undefined}
        autoFocus
        required
      />
      <TextField
        label="Password"
        type="password"
        value={password}
        onChange={setPassword}
        autoComplete="new-password"
        hint="Optional here. Without one, a new link signs you in: run pfstudio link."
      />
      {attempt.error && <ErrorMessage error={attempt.error} />}
      <Button type="submit" variant="primary" size="large" busy={attempt.isPending}>
        Sign in
      </Button>
    </form>
  )
}
