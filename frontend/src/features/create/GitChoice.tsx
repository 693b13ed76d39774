import { IconGitBranch } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { TextField } from '../../components/Field'
import styles from './CreateFlowDialog.module.css'
import type { Choice } from './choice'

type Repository = Extract<Choice, { from: 'git' }>

interface GitChoiceProps {
  /** The repository, where one is chosen. */
  source: Repository | null
  takesFocus: boolean
  onSource: (source: Repository | null) => void
}

const nowhere: Repository = { from: 'git', url: '', branch: '', folder: '' }

/** A repository elsewhere, or a folder of it, as what the flow starts from. */
export function GitChoice({ source, takesFocus, onSource }: GitChoiceProps) {
  const shown = source ?? nowhere
  const set = (part: Partial<Repository>) => {
    const next = { ...shown, ...part }
    onSource(next.url === '' ? null : next)
  }
  return (
    <section className={styles.part} aria-labelledby="git-title">
      <h3 id="git-title" className="section-title">
        From git
      </h3>
      <TextField
        label="Address of the repository"
        hideLabel
        mono
        icon={<IconGitBranch size={16} stroke={1.5} aria-hidden />}
        placeholder="https://git.example.org/team/flows.git"
        value={shown.url}
        onChange={(url) => set({ url })}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        {...(takesFocus ? { 'data-autofocus': true } : {})}
      />
      {source ? (
        <div className={styles.gitParts}>
          <TextField
            label="Branch or tag"
            hideLabel
            placeholder="Branch or tag: its usual one"
            value={shown.branch}
            onChange={(branch) => set({ branch })}
            autoComplete="off"
            spellCheck={false}
          />
          <TextField
            label="Folder"
            hideLabel
            placeholder="Folder: all of it"
            value={shown.folder}
            onChange={(folder) => set({ folder })}
            autoComplete="off"
            spellCheck={false}
          />
        </div>
      ) : (
        <p className="small secondary">
          Public repositories over HTTPS. Its files come in; nothing of it runs. To keep its history, or for a private
          one,{' '}
          <Link to="/flows" search={{ create: 'clone' }} className={styles.link}>
            clone it with git
          </Link>
          .
        </p>
      )}
    </section>
  )
}
