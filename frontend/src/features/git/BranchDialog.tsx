import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { ApiError } from '../../api/errors'
import type { GitStatus } from '../../api/git'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { Checkbox, SelectField, TextField } from '../../components/Field'
import { ErrorMessage } from '../../components/Note'
import { toast } from '../../components/Toasts'
import styles from './git.module.css'
import { type GitBranch, gitActs } from './requests'

interface BranchDialogProps {
  asked: 'create' | 'merge' | 'delete' | 'switch'
  path: string
  status: GitStatus
  branches: readonly GitBranch[]
  onClose: () => void
}

const words = {
  create: { title: 'New branch', button: 'Create branch' },
  merge: { title: 'Merge a branch', button: 'Merge branch' },
  delete: { title: 'Delete a branch', button: 'Delete branch' },
  switch: { title: 'Switch to', button: 'Switch' },
}

const results = {
  'up to date': 'Everything of it is here already.',
  'fast forward': 'The branch went forward.',
  merged: 'The branch was merged.',
  conflicts: 'Some lines changed on both sides: decide them.',
}

/** Which branch, and what it is for. */
export function BranchDialog({ asked, path, status, branches, onClose }: BranchDialogProps) {
  const form = useId()
  const others = branches.filter(({ name, is_remote }) => name !== status.branch && (asked !== 'delete' || !is_remote))
  const [name, setName] = useState(asked === 'create' ? '' : (others[0]?.name ?? ''))
  const [start, setStart] = useState('')
  const [isForced, setForced] = useState(false)
  const doing = useMutation({
    mutationFn: async () => {
      if (asked === 'create') await gitActs.branch(path, name.trim(), start || null)
      else if (asked === 'delete') await gitActs.deleteBranch(path, name, isForced)
      else if (asked === 'switch') await gitActs.switchTo(path, name.trim())
      else toast.say(results[await gitActs.merge(path, name)])
    },
    onSuccess: onClose,
  })
  const isUnmerged = doing.error instanceof ApiError && asked === 'delete'
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() !== '' && !doing.isPending) doing.mutate()
  }
  return (
    <Dialog
      title={words[asked].title}
      onClose={onClose}
      footer={
        <>
          <Button size="large" onClick={onClose}>
            Cancel
          </Button>
          <Button
            size="large"
            variant={asked === 'delete' ? 'danger' : 'primary'}
            type="submit"
            form={form}
            busy={doing.isPending}
            disabledReason={name.trim() === '' ? 'Enter a name.' : null}
          >
            {words[asked].button}
          </Button>
        </>
      }
    >
      <form id={form} className={styles.form} onSubmit={submit}>
        {asked === 'create' || asked === 'switch' ? (
          <TextField
            label={asked === 'create' ? 'Name' : 'Branch, tag or commit'}
            mono
            value={name}
            onChange={setName}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
          />
        ) : (
          <SelectField
            label={asked === 'merge' ? `Into ${status.branch ?? 'HEAD'} comes` : 'Branch'}
            value={name}
            onChange={setName}
            options={others.map((branch) => ({ value: branch.name, label: branch.name }))}
          />
        )}
        {asked === 'create' && (
          <SelectField
            label="Starts at"
            value={start}
            onChange={setStart}
            options={[
              { value: '', label: 'where you are' },
              ...others.map((each) => ({ value: each.name, label: each.name })),
            ]}
          />
        )}
        {isUnmerged && (
          <Checkbox label="Delete it with the commits that only it has" checked={isForced} onChange={setForced} />
        )}
        {doing.error && <ErrorMessage error={doing.error} />}
      </form>
    </Dialog>
  )
}
