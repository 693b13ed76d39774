import { useNavigate } from '@tanstack/react-router'

/** Leads to a file or folder on the Files page; with a line, to it in the file's text. */
export function useShow() {
  const navigate = useNavigate()
  return (path: string, line?: number, column?: number) => {
    const hash = line === undefined ? '' : `L${line}${column === undefined ? '' : `:${column}`}`
    void navigate({ to: '/files/$', params: { _splat: path }, hash })
  }
}

export type Show = ReturnType<typeof useShow>
