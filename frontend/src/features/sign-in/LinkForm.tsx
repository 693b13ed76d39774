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

const invited = (person: LinkPerson) =>
  `${person.invited_by ?? 'Somebody'} invites you to work here as ${person.role === 'viewer' ? 'a' : 'an'} ${person.role}.`

const hintOf = (person: LinkPerson): string => {
  if (person.purpose === 'reset') return 'Your new password. Everything that is signed in as you is signed out.'
  if (person.must_set_password) return 'At least 8 characters.'
  return 'Optional here. Without one, a new link signs you in: run pfstudio link.'
}

/** Signing in by a one-time link: the first time, as somebody who is invited, or with a new password. */
export function LinkForm({ token, person, onSignedIn }: LinkFormProps) {
  const [username, setUsername] = useState(person.username)
  const [password, setPassword] = useState('')
  const attempt = useMutation({
    mutationFn: () =>
      signInByLink(token, {
        ...(person.may_choose_name || person.purpose === 'invitation' ? { username } : {}),
        ...(password === '' ? {} : { password }),
      }),
    onSuccess: onSignedIn,
  })

  function submit(event: FormEvent) {
    event.preventDefault()
    if (username !== '' && (password !== '' || !person.must_set_password)) attempt.mutate()
  }

  return (
    <form className={styles.form} onSubmit={submit}>
      {person.purpose === 'invitation' && <p>{invited(person)} Choose how you sign in.</p>}
      <TextField
        label="Username"
        value={username}
        onChange={setUsername}
        readOnly={!person.may_choose_name}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        hint={person.may_choose_name ? `Your flows will be in Users/${username || '…'}/promptflow.` : undefined}
        autoFocus={person.may_choose_name}
        required
      />
      <TextField
        label={person.purpose === 'reset' ? 'New password' : 'Password'}
        type="password"
        value={password}
        onChange={setPassword}
        autoComplete="new-password"
        hint={hintOf(person)}
        autoFocus={!person.may_choose_name}
        required={person.must_set_password}
      />
      {attempt.error && <ErrorMessage error={attempt.error} />}
      <Button type="submit" variant="primary" size="large" busy={attempt.isPending}>
        {person.purpose === 'invitation' ? 'Create account' : person.purpose === 'reset' ? 'Set password' : 'Sign in'}
      </Button>
    </form>
  )
}
