import { IconGitBranch } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { GitStatus } from '../../api/git'
import { buttonClass } from '../../components/Button'
import { GitWatcher, nameOf } from './GitWatcher'

/** Beside a folder of the share: its branch, and the way to its repository. */
export function FolderGit({ path, status }: { path: string; status: GitStatus }) {
  return (
    <>
      <GitWatcher path={path} status={status} isFlow={false} hasBranch={false} />
      <Link to="/repository/$" params={{ _splat: path }} className={buttonClass()}>
        <IconGitBranch size={16} stroke={1.5} aria-hidden />
        {status.repository === null ? 'Git' : `Git: ${nameOf(status)}`}
      </Link>
    </>
  )
}
