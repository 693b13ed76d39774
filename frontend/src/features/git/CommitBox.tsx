import { IconCheck, IconChevronDown, IconSparkles } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type GitStatus, gitKeys } from '../../api/git'
import { queryClient } from '../../api/queryClient'
import { Button, SplitButton } from '../../components/Button'
import { Checkbox, TextArea } from '../../components/Field'
import { Menu } from '../../components/Menu'
import { ErrorMessage } from '../../components/Note'
import { toast } from '../../components/Toasts'
import { counted } from '../../lib/format'
import { useRemembered } from '../../lib/useRemembered'
import styles from './git.module.css'
import { flowDiffQuery, gitActs, logQuery } from './requests'
import { suggestion } from './suggestion'

/** The message, and the commit of what is staged. */
export function CommitBox({ path, status }: { path: string; status: GitStatus }) {
  const [message, setMessage] = useRemembered(`git:message:${status.repository}`, '')
  const [signOff, setSignOff] = useRemembered('git:sign-off', false)
  const [isAmend, setAmend] = useState(false)
  const { data: log } = useQuery(logQuery(path, 30))
  const staged = status.entries.filter(({ index, is_conflicted }) => index !== null && !is_conflicted).length
  const isMerge = status.state !== 'clean'
  const committing = useMutation({
    mutationFn: () => gitActs.commit(path, { message: message.trim(), amend: isAmend, sign_off: signOff }),
    onSuccess: (commit) => {
      setMessage('')
      setAmend(false)
      toast.say(`Committed as ${commit.slice(0, 7)}.`)
    },
  })
  const head = log?.commits.find(({ id }) => id === status.commit)
  const amend = (isOn: boolean) => {
    setAmend(isOn)
    if (isOn && message.trim() === '' && head) setMessage([head.subject, head.body].filter(Boolean).join('\n\n'))
  }
  const reason = commitReason(status, staged, message, isAmend)
  if (!status.is_writable || isMerge) return null
  return (
    <section className={styles.commit} aria-label="Commit">
      <TextArea
        label="Message of the commit"
        hideLabel
        rows={3}
        placeholder="What changed, and why"
        value={message}
        onChange={setMessage}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
          event.preventDefault()
          event.stopPropagation()
          if (!reason && !committing.isPending) committing.mutate()
        }}
      />
      <div className={styles.commitRow}>
        <Checkbox label="Sign off" checked={signOff} onChange={setSignOff} />
        <span className={styles.barEnd}>
          <SuggestButton path={path} disabled={staged === 0} onSuggest={setMessage} />
          <SplitButton>
            <Button
              variant="primary"
              icon={<IconCheck size={16} stroke={1.5} aria-hidden />}
              busy={committing.isPending}
              disabledReason={reason}
              aria-keyshortcuts="Control+Enter"
              onClick={() => committing.mutate()}
            >
              {isAmend ? 'Amend commit' : `Commit ${counted(staged, 'file')}`}
            </Button>
            <Menu
              position="bottom-end"
              entries={[
                {
                  label: 'Amend the last commit',
                  checked: isAmend,
                  onSelect: () => amend(!isAmend),
                },
              ]}
            >
              <Button variant="primary" aria-label="More ways to commit">
                <IconChevronDown size={12} stroke={2} aria-hidden />
              </Button>
            </Menu>
          </SplitButton>
        </span>
      </div>
      {committing.error && <ErrorMessage error={committing.error} />}
    </section>
  )
}

function commitReason(status: GitStatus, staged: number, message: string, isAmend: boolean): string | null {
  if (isAmend) return status.commit === null ? 'There is no commit yet.' : null
  if (staged === 0) return status.entries.length === 0 ? 'Nothing has changed.' : 'Nothing is staged.'
  return message.trim() === '' ? 'Write what changed.' : null
}

interface SuggestProps {
  path: string
  disabled: boolean
  onSuggest: (message: string) => void
}

/** Puts into words which nodes, inputs and files are about to be committed. */
function SuggestButton({ path, disabled, onSuggest }: SuggestProps) {
  const asking = useMutation({
    mutationFn: async () => suggestion(await queryClient.fetchQuery(flowDiffQuery(path, { staged: true }))),
    onSuccess: onSuggest,
    onError: (error) => {
      queryClient.removeQueries({ queryKey: [...gitKeys.all, 'flow-diff', path] })
      toast.fail(error)
    },
  })
  return (
    <Button
      variant="ghost"
      icon={<IconSparkles size={16} stroke={1.5} aria-hidden />}
      busy={asking.isPending}
      disabledReason={disabled ? 'Nothing is staged.' : null}
      onClick={() => asking.mutate()}
    >
      Suggest
    </Button>
  )
}
