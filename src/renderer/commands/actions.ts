import { heardParts } from '../../contract/engine.ts'
import { secondsAt, stepAt, timeOf } from '../../contract/grid.ts'
import { baselines } from '../../contract/run.ts'
import { openWithDialog } from '../open-files.ts'
import { listenTo, playableOf } from '../playback/listening.ts'
import { pause, play, player, seek, setLoop } from '../playback/player.ts'
import { useHearing } from '../stores/hearing.ts'
import { useLibrary } from '../stores/library.ts'
import { useNotices } from '../stores/notices.ts'
import { useRuns } from '../stores/runs.ts'
import { useSettings, type Settings } from '../stores/settings.ts'
import { useWorkspace } from '../stores/workspace.ts'
import { useTimeline } from '../timeline/timeline.ts'
import type { Actions } from './commands.ts'

/** What the commands do, over the stores. `chooseFiles` opens the browser's file picker. */
export const makeActions = (chooseFiles: () => void): Actions => ({
  ...fileActions(chooseFiles),
  ...runActions(),
  ...playActions(),
  ...timeActions(),
  ...layerActions(),
  ...viewActions(),
})

/** `by` places on in a list, round its ends; from the first where the value is not in it. */
const cycle = <Value>(list: readonly Value[], value: Value, by: number): Value =>
  list[(Math.max(0, list.indexOf(value)) + by + list.length) % list.length] ?? value

const fileActions = (chooseFiles: () => void) => ({
  open: () => void openWithDialog(chooseFiles),
  models: () => {
    useWorkspace().dialog = 'models'
  },
  importModel: () => {
    // the browser's page says there how it is done in a terminal
    if (!window.shell) {
      useWorkspace().dialog = 'models'
      return
    }
    window.shell
      .importModel('folder')
      .then((card) => (card ? useLibrary().loadModels() : undefined))
      .catch((error: unknown) => useNotices().fail(error))
  },
  exportFigure: () => {
    useWorkspace().dialog = 'export'
  },
})

const runActions = () => {
  const start = (models: string[]): void => {
    const [workspace, runs] = [useWorkspace(), useRuns()]
    for (const model of models) {
      workspace.columns.forEach((_, column) => {
        const request = workspace.request(column, model)
        if (request) void runs.start(request)
      })
    }
  }
  return {
    run: () => start([useWorkspace().model ?? ''].filter(Boolean)),
    runAll: () => start(useLibrary().models.map((model) => model.id)),
    cancel: () => useRuns().cancel(),
    stopNow: () => void useRuns().stopNow(),
    chooseModel: (by: number) => {
      const workspace = useWorkspace()
      const ids = useLibrary().models.map((model) => model.id)
      workspace.model = cycle<string | null>(ids, workspace.model, by)
    },
  }
}

const playActions = () => {
  const playColumn = (column: number): void => {
    const what = playableOf(column)
    if (!what) return
    useWorkspace().active = column
    const again = player.playing && player.column === column
    pause()
    if (!again) void play(what)
  }
  return {
    playPause: () => playColumn(useWorkspace().active),
    playColumn,
    solo: () => listenTo(useWorkspace().active, cycle(['all', ...heardParts], useHearing().part, 1)),
    toggleLoop: () => {
      const settings = useSettings()
      settings.loop = !settings.loop
      setLoop(settings.loop)
    },
    toStart: () => {
      const { active, columns } = useWorkspace()
      seek(active, useTimeline().regions[columns[active] ?? '']?.[0] ?? 0)
    },
  }
}

/** seconds of one step of what is shown: the encoder's where the active column has a run, else 10 ms */
const cursorStep = (): number => {
  const workspace = useWorkspace()
  const run = useRuns().runOf(workspace.request(workspace.active))
  return run ? timeOf(run.grids.encoder).step : 0.01
}

const timeActions = () => ({
  zoom: (factor: number) => useTimeline().zoom(useWorkspace().active, factor),
  pan: (share: number) => useTimeline().pan(useWorkspace().active, share),
  showAll: () => useTimeline().showAll(useWorkspace().active),
  showRegion: () => {
    const { active, columns } = useWorkspace()
    const timeline = useTimeline()
    const region = timeline.regions[columns[active] ?? '']
    if (region) timeline.show(active, region)
  },
  regionFromView: () => {
    const [workspace, timeline, library] = [useWorkspace(), useTimeline(), useLibrary()]
    const recording = library.recording(workspace.columns[workspace.active] ?? null)
    if (!recording) return
    const [start, end] = timeline.rangeOf(workspace.active)
    const most = library.model(workspace.model)?.maxSeconds ?? Infinity
    const stop = Math.min(end, recording.seconds, start + most)
    if (stop > start) timeline.regions[recording.id] = [Math.round(start * 1000) / 1000, Math.round(stop * 1000) / 1000]
  },
  toggleLinked: () => useTimeline().link(!useTimeline().linked),
  moveCursor: (steps: number) => useTimeline().moveCursor(steps * cursorStep()),
})

const kinds: readonly Settings['attention']['kind'][] = ['encoder', 'decoder', 'cross']
const views: readonly Settings['hidden']['view'][] = ['map', 'similarity', 'trajectory']
const extents: readonly Settings['attention']['extent'][] = ['steps', 'region', 'all']

const layerActions = () => {
  const activeRun = () => useRuns().runOf(useWorkspace().request(useWorkspace().active))
  const movePinned = (steps: number): void => {
    const [workspace, timeline, run] = [useWorkspace(), useTimeline(), activeRun()]
    if (!run) return
    if (useSettings().attention.kind !== 'encoder' && run.decoder) {
      const last = (run.result.tokens?.length ?? 1) - 1
      const next = Math.min(last, Math.max(0, (workspace.tokens[workspace.active] ?? 0) + steps))
      workspace.lookAtToken(workspace.active, next)
      return
    }
    const grid = timeOf(run.grids.encoder)
    const now = stepAt(grid, timeline.lookedAt ?? run.region[0])
    timeline.pin(secondsAt(grid, Math.min(grid.count - 1, Math.max(0, now + steps))))
  }
  return {
    movePinned,
    togglePin: () => {
      const timeline = useTimeline()
      if (timeline.pinned) timeline.pin(null)
      else if (timeline.lookedAt !== null) timeline.pin(timeline.lookedAt)
      else movePinned(0)
    },
    hiddenLayer: (by: number) => {
      const { hidden } = useSettings()
      const run = activeRun()
      const stack = hidden.side === 'decoder' && run?.decoder ? run.decoder : run?.encoder
      if (stack)
        hidden.layer = Math.min(stack.layers, Math.max(0, Math.min(hidden.layer ?? stack.layers, stack.layers) + by))
    },
    hiddenView: () => {
      const { hidden } = useSettings()
      hidden.view = cycle(views, hidden.view, 1)
    },
    attentionLayer: (by: number) => {
      const { attention } = useSettings()
      const run = activeRun()
      const stack = attention.kind !== 'encoder' && run?.decoder ? run.decoder : run?.encoder
      if (!stack) return
      const last = stack.layers - 1
      attention.layer = Math.min(last, Math.max(0, Math.min(attention.layer ?? last, last) + by))
    },
    attentionHead: (by: number) => {
      const { attention } = useSettings()
      const heads = activeRun()?.encoder.heads ?? 0
      const all = ['mean' as const, 'max' as const, ...Array.from({ length: heads }, (_, i) => i)]
      attention.head = cycle<Settings['attention']['head']>(all, attention.head, by)
    },
    attentionKind: () => {
      const { attention } = useSettings()
      attention.kind = cycle(kinds, attention.kind, 1)
    },
    attentionExtent: () => {
      const { attention } = useSettings()
      attention.extent = cycle(extents, attention.extent, 1)
    },
    nextBeside: () => {
      const settings = useSettings()
      settings.beside = cycle(['nothing', ...baselines] as const, settings.beside, 1)
    },
    toggleAtlas: () => {
      const { atlas } = useSettings()
      atlas.shown = !atlas.shown
    },
  }
}

const viewActions = () => ({
  toggleSpectrogram: () => {
    const settings = useSettings()
    settings.spectrogram = settings.spectrogram === 'stft' ? 'features' : 'stft'
  },
  toggleRanges: () => {
    const settings = useSettings()
    settings.rangesLocked = !settings.rangesLocked
  },
  activate: (column: number) => {
    const workspace = useWorkspace()
    if (column < workspace.columns.length) workspace.active = column
  },
  addColumn: () => useWorkspace().addColumn(),
  removeColumn: () => useWorkspace().removeColumn(useWorkspace().active),
  palette: () => {
    useWorkspace().dialog = 'palette'
  },
  machine: () => {
    useWorkspace().dialog = 'machine'
  },
  help: () => {
    useWorkspace().dialog = 'help'
  },
  toggleSide: () => {
    const settings = useSettings()
    settings.sideShown = !settings.sideShown
  },
  nextTheme: () => {
    const settings = useSettings()
    settings.theme = cycle(['system', 'dark', 'light'] as const, settings.theme, 1)
  },
})
