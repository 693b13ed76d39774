import { create } from 'zustand'
import { connectionsQuery } from '../../api/connections'
import type { ImportedFlow } from '../../api/import'
import { queryClient } from '../../api/queryClient'

/** What an import has to tell, and the folder whose export is being set; both outlive the page they began on. */
export const useImportDialogs = create<{ report: ImportedFlow | null; exporting: string | null }>(() => ({
  report: null,
  exporting: null,
}))

/** Lists what is to be mended or known about a flow that came in; says nothing where all is well. */
export async function tellImport(imported: ImportedFlow): Promise<void> {
  const { problems, connections, left_out: leftOut, flows } = imported
  const hasNews = problems.length + leftOut.length > 0 || flows.length > 1
  if (hasNews || (await lacksConnection(connections))) useImportDialogs.setState({ report: imported })
}

async function lacksConnection(names: readonly string[]): Promise<boolean> {
  if (names.length === 0) return false
  try {
    const known = await queryClient.fetchQuery(connectionsQuery)
    return names.some((name) => !known.some((connection) => connection.name === name))
  } catch {
    return true // Who cannot look them up reads at least their names.
  }
}

export const askExport = (path: string): void => useImportDialogs.setState({ exporting: path })
export const closeImportDialog = (): void => useImportDialogs.setState({ report: null, exporting: null })
