import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, unwrap } from '../../api/client'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { TextField } from '../../components/Field'
import { ErrorMessage } from '../../components/Note'
import styles from './git.module.css'
import { credentialsQuery } from './requests'

const remotesQuery = (path: string) =>
  queryOptions({
    queryKey: ['git', 'remotes', path],
    queryFn: ({ signal }) => unwrap(api.GET('/api/git/remotes/{path}', { params: { path: { path } }, signal })),
  })

/** The repositories elsewhere that this one knows, and what one signs in there with. */
export function RemotesDialog({ path, onClose }: { path: string; onClose: () => void }) {
  return (
    <Dialog
      title="Remotes and credentials"
      onClose={onClose}
      footer={
        <Button size="large" onClick={onClose}>
          Close
        </Button>
      }
    >
      <Remotes path={path} />
      <Credentials />
    </Dialog>
  )
}

function Remotes({ path }: { path: string }) {
  const queryClient = useQueryClient()
  const { data, error } = useQuery(remotesQuery(path))
  const [url, setUrl] = useState('')
  const [name, setName] = useState('origin')
  const settled = { onSettled: () => queryClient.invalidateQueries({ queryKey: ['git'] }) }
  const params = { path: { path } }
  const adding = useMutation({
    mutationFn: () => unwrap(api.POST('/api/git/remotes/{path}', { params, body: { name, url } })),
    onSuccess: () => setUrl(''),
    ...settled,
  })
  const removing = useMutation({
    mutationFn: (gone: string) =>
      unwrap(api.DELETE('/api/git/remotes/{path}', { params: { ...params, query: { name: gone } } })),
    ...settled,
  })
  const failed = error ?? adding.error ?? removing.error
  const submit = (event: FormEvent) => {
    event.preventDefault()
    adding.mutate()
  }
  return (
    <form className={styles.form} onSubmit={submit}>
      {data?.remotes.map((remote) => (
        <p key={remote.name}>
          <strong>{remote.name}</strong> {remote.url} {remote.note && <span className="secondary">{remote.note}</span>}{' '}
          <Button size="small" onClick={() => removing.mutate(remote.name)}>
            Remove {remote.name}
          </Button>
        </p>
      ))}
      <TextField label="Name" value={name} onChange={setName} />
      <TextField label="Address" value={url} onChange={setUrl} data-autofocus />
      <Button type="submit" busy={adding.isPending}>
        Connect
      </Button>
      {failed && <ErrorMessage error={failed} />}
    </form>
  )
}

function Credentials() {
  const queryClient = useQueryClient()
  const { data, error } = useQuery(credentialsQuery)
  const [host, setHost] = useState('')
  const [username, setUsername] = useState('')
  const [token, setToken] = useState('')
  const settled = { onSettled: () => queryClient.invalidateQueries(credentialsQuery) }
  const storing = useMutation({
    mutationFn: (kind: 'token' | 'ssh_key') =>
      unwrap(
        api.POST('/api/git-credentials', {
          body: kind === 'token' ? { kind, host, username, token } : { kind, host: '', username: '', token: '' },
        }),
      ),
    onSuccess: () => setToken(''),
    ...settled,
  })
  const removing = useMutation({
    mutationFn: (number: number) =>
      unwrap(api.DELETE('/api/git-credentials/{number}', { params: { path: { number } } })),
    ...settled,
  })
  const failed = error ?? storing.error ?? removing.error
  const submit = (event: FormEvent) => {
    event.preventDefault()
    storing.mutate('token')
  }
  return (
    <form className={styles.form} onSubmit={submit}>
      {data?.credentials.map((item) => (
        <p key={item.id} style={{ overflowWrap: 'anywhere' }}>
          {item.kind === 'token' ? `${item.origin} as ${item.username}` : item.public_key}{' '}
          <Button size="small" onClick={() => removing.mutate(item.id)}>
            {item.kind === 'token' ? `Forget the token of ${item.origin}` : 'Forget the SSH key'}
          </Button>
        </p>
      ))}
      <TextField label="Host" value={host} onChange={setHost} />
      <TextField label="User name" value={username} onChange={setUsername} />
      <TextField label="Token" type="password" autoComplete="off" value={token} onChange={setToken} />
      <Button type="submit" busy={storing.isPending}>
        Store the token
      </Button>
      <Button onClick={() => storing.mutate('ssh_key')}>Make an SSH key</Button>
      {failed && <ErrorMessage error={failed} />}
    </form>
  )
}
