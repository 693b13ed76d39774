import { useNavigate } from '@tanstack/react-router'
import { toast } from '../../components/Toasts'
import type { FileSession } from './FileSession'

/** Ends a conflict by `end`; where one's own text gives way, says that the history keeps it and leads there. */
export function useKeptNotice(file: FileSession): (end: () => void) => void {
  const navigate = useNavigate()
  return (end) => {
    const mine = file.document.text
    end()
    if (file.document.text === mine) return
    toast.offer(`What you had typed into ${file.name} is kept in its history.`, 'Show history', () => {
      void navigate({ to: '/history/$', params: { _splat: file.sharePath } })
    })
  }
}
