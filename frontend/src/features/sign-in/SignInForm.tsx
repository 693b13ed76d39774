import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { signIn } from '../../api/session'
import { Button } from '../../components/Button'
import { TextField } from '../../components/Field'
import { ErrorMessage } from '../../components/Note'
import styles from './SignInForm.module.css'

interface SignInFormProps {
  username?: string
  onSignedIn: () => void
}

export function SignInForm({ username: known = '', onSignedIn }: SignInFormProps) {
  const [username, setUsername] = useState(known)
  const [password, setPassword] = useState('')
  const attempt = useMutation({ mutationFn: () => signIn(username, password), onSuccess: onSignedIn })

  function submit(event: FormEvent) {
    event.preventDefault()
    if (username !== '' && password !== '') attempt.mutate()
  }

  return (
    <form className={styles.form} onSubmit={submit}>
      <TextField
        label="Username"
        value={username}
        onChange={setUsername}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus={known === ''}
        required
      />
      <TextField
        label="Password"
        type="password"
        value={password}
        onChange={setPassword}
        autoComplete="current-password"
        data-autofocus={known === '' ? undefined : true}
        required
      />
      {attempt.error && <ErrorMessage error={attempt.error} />}
      <Button type="submit" variant="primary" size="large" busy={attempt.isPending}>
        Sign in
      </Button>
    </form>
  )
}
