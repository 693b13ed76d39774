import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useState } from 'react'
import { IconButton } from '../../components/Button'
import { toast } from '../../components/Toasts'
import styles from './PlacePage.module.css'

function CopyButton({ text }: { text: string }) {
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setCopied(true)
      setTimeout(() => setCopied(false), 2000)
    } catch {
      toast.say('The browser did not allow copying. Select the command and press Ctrl+C.')
    }
  }
  const Icon = copied ? IconCheck : IconCopy
  return (
    <IconButton
      size="small"
      label={copied ? 'Copied' : `Copy ${text}`}
      icon={<Icon size={14} stroke={1.5} aria-hidden />}
      onClick={copy}
    />
  )
}

/** Commands to copy into a terminal. */
export function CommandList({ commands }: { commands: readonly string[] }) {
  return (
    <ul className={styles.commands}>
      {commands.map((command) => (
        <li key={command}>
          <code>{command}</code>
          <CopyButton text={command} />
        </li>
      ))}
    </ul>
  )
}
