import { IconArrowRight, IconCopy, IconDownload, IconPencil, IconTrash } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { restoreEntry } from '../../api/files'
import { createFlow, deleteFlow, type FlowItem, flowKeys, forgetFlows } from '../../api/flows'
import { queryClient } from '../../api/queryClient'
import type { MenuEntry } from '../../components/Menu'
import { toast } from '../../components/Toasts'
import { baseName, freeName } from '../../lib/paths'
import { useHistoryEntry } from '../history/historyEntry'
import { exportFolder } from '../import/exportFolder'

const icon = { size: 16, stroke: 1.5, 'aria-hidden': true } as const

/** Puts a flow into the trash, with ten seconds to think better of it. */
async function remove(flow: FlowItem) {
  queryClient.setQueryData<FlowItem[]>(flowKeys.list, (list) => list?.filter((each) => each.path !== flow.path))
  try {
    const id = await deleteFlow(flow.path)
    toast.undo(`${flow.name} is in the trash.`, async () => {
      await restoreEntry(id)
      await forgetFlows()
    })
  } catch (error) {
    toast.fail(error, `${flow.name} was not deleted. `)
    await forgetFlows()
  }
}

/** What can be done with a flow in the list, and the flow whose name is being changed. */
export function useFlowActions(flows: readonly FlowItem[], me: string) {
  const navigate = useNavigate()
  const history = useHistoryEntry()
  const [renaming, setRenaming] = useState<FlowItem | null>(null)

  const open = (path: string) => void navigate({ to: '/flows/$', params: { _splat: path } })

  async function duplicate(flow: FlowItem) {
    const mine = new Set(flows.filter((each) => each.owner === me).map((each) => baseName(each.path)))
    try {
      const path = await createFlow({ name: freeName(`${baseName(flow.path)}-copy`, mine), copy_of: flow.path })
      toast.offer(`Duplicated as ${baseName(path)}.`, 'Open flow', () => open(path))
    } catch (error) {
      toast.fail(error, `${flow.name} was not duplicated. `)
    }
  }

  function menu(flow: FlowItem): MenuEntry[] {
    const reason = flow.writable ? null : `Only ${flow.owner} can`
    return [
      { label: 'Open', icon: <IconArrowRight {...icon} />, onSelect: () => open(flow.path) },
      history(flow.path),
      {
        label: 'Rename',
        icon: <IconPencil {...icon} />,
        keys: 'F2',
        disabledReason: reason,
        onSelect: () => setRenaming(flow),
      },
      { label: 'Duplicate', icon: <IconCopy {...icon} />, onSelect: () => void duplicate(flow) },
      { label: 'Export', icon: <IconDownload {...icon} />, onSelect: () => exportFolder(flow.path) },
      'line',
      {
        label: 'Delete',
        icon: <IconTrash {...icon} />,
        keys: 'Delete',
        danger: true,
        disabledReason: reason,
        onSelect: () => void remove(flow),
      },
    ]
  }

  return {
    menu,
    renaming,
    startRenaming: (flow: FlowItem) => flow.writable && setRenaming(flow),
    stopRenaming: () => setRenaming(null),
    remove: (flow: FlowItem) => void (flow.writable && remove(flow)),
  }
}
