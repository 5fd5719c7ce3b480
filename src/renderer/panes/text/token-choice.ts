import { useSettings } from '../../stores/settings.ts'
import { useWorkspace } from '../../stores/workspace.ts'

/** Choosing a token looks at its attention row; across, where it was asked for nothing else. */
export const useTokenChoice = (column: number) => {
  const settings = useSettings()
  const workspace = useWorkspace()
  const look = (index: number): void => {
    workspace.chooseWord(column, null)
    workspace.lookAtToken(column, index)
    if (settings.attention.kind === 'encoder') settings.attention.kind = 'cross'
  }
  return {
    chosen: (index: number): boolean => workspace.tokens[column] === index,
    look,
    /** choosing it again lets it go */
    choose: (index: number): void => {
      if (workspace.tokens[column] === index) workspace.lookAtToken(column, null)
      else look(index)
    },
  }
}
