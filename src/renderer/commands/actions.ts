import { heardParts } from '../../contract/engine.ts'
import { isPatchGrid, secondsAt, stepAt, timeOf } from '../../contract/grid.ts'
import { baselines } from '../../contract/run.ts'
import { frequencyScales, windowSizes } from '../../contract/spectrogram.ts'
import { weightKinds } from '../../contract/weights.ts'
import { openWithDialog } from '../open-files.ts'
import { listenTo, playableOf } from '../playback/listening.ts'
import { pause, play, playAround, player, seek } from '../playback/player.ts'
import { changeSpeed } from '../playback/speeds.ts'
import { momentIn, playFromCursor, switchColumn } from '../playback/switching.ts'
import { useHearing } from '../stores/hearing.ts'
import { useLibrary } from '../stores/library.ts'
import { useNotices } from '../stores/notices.ts'
import { pieces } from '../stores/pieces.ts'
import { useRuns } from '../stores/runs.ts'
import { useSettings, type Settings } from '../stores/settings.ts'
import { useWorkspace } from '../stores/workspace.ts'
import { alignments, useTimeline } from '../timeline/timeline.ts'
import type { Actions } from './commands.ts'
import { regionActions } from './region-actions.ts'

/** What the commands do, over the stores. `chooseFiles` opens the browser's file picker. */
export const makeActions = (chooseFiles: () => void): Actions => ({
  ...fileActions(chooseFiles),
  ...runActions(),
  ...playActions(),
  ...timeActions(),
  ...compareActions(),
  ...regionActions(),
  ...layerActions(),
  ...patchActions(),
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
  /** what no model is named for runs through each column's own */
  const start = (models: (string | undefined)[]): void => {
    const [workspace, runs] = [useWorkspace(), useRuns()]
    for (const model of models) {
      workspace.columns.forEach((_, column) => {
        const windows = workspace.requests(column, model)
        void runs.startWindows(windows, workspace.lookedInto(column, windows))
      })
    }
  }
  return {
    run: () => start([undefined]),
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
    },
    playFromCursor,
    playAroundCursor: () => {
      const { active, columns } = useWorkspace()
      if (columns[active] !== null) playAround(active, momentIn(active))
    },
    switchColumn,
    changeSpeed,
    toggleKeepPitch: () => {
      const settings = useSettings()
      settings.keepPitch = !settings.keepPitch
    },
    toggleMatchLevels: () => {
      const settings = useSettings()
      settings.matchLevels = !settings.matchLevels
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
    const stop = Math.min(end, recording.seconds)
    if (stop > start) timeline.regions[recording.id] = [Math.round(start * 1000) / 1000, Math.round(stop * 1000) / 1000]
  },
  toggleLinked: () => useTimeline().link(!useTimeline().linked),
  moveCursor: (steps: number) => useTimeline().moveCursor(steps * cursorStep()),
})

const compareActions = () => ({
  nextAlignment: () => {
    const timeline = useTimeline()
    timeline.alignment = cycle(alignments, timeline.alignment, 1)
  },
  shiftColumn: (steps: number) => {
    const [{ active }, timeline] = [useWorkspace(), useTimeline()]
    if (active === 0) useNotices().say('note', 'Column A has no offset: the others are laid over it.')
    else timeline.shift(active, timeline.offsetOf(active) + steps * cursorStep())
  },
  toggleDifferences: () => {
    const workspace = useWorkspace()
    const others = workspace.columns.map((_, i) => i).slice(1)
    const shown = others.every((i) => workspace.differences[i])
    workspace.differences = workspace.differences.map((_, i) => i > 0 && !shown)
  },
  differenceTable: () => {
    const workspace = useWorkspace()
    if (workspace.columns.length > 1) workspace.dialog = 'differences'
  },
  lockFrequencies: () => useSettings().lockFrequencies(!useSettings().frequenciesLocked),
})

const kinds: readonly Settings['attention']['kind'][] = ['encoder', 'decoder', 'cross']
const views: readonly Settings['hidden']['view'][] = ['map', 'layers', 'dimension', 'similarity', 'trajectory']
const orders: readonly Settings['hidden']['order'][] = ['index', 'variance', 'similarity']
const contrasts: readonly Settings['attention']['contrast'][] = ['log', 'linear', 'percentile', 'row']
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
    const offset = timeline.offsetOf(workspace.active)
    const now = stepAt(grid, timeline.lookedAt === null ? run.region[0] : timeline.lookedAt + offset)
    timeline.pin(secondsAt(grid, Math.min(grid.count - 1, Math.max(0, now + steps))) - offset)
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
    hiddenView: (by: number) => {
      const { hidden } = useSettings()
      hidden.view = cycle(views, hidden.view, by)
    },
    dimensionOrder: () => {
      const { hidden } = useSettings()
      hidden.order = cycle(orders, hidden.order, 1)
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
      const aligned = attention.kind === 'cross' && useLibrary().model(activeRun()?.model.id ?? null)?.alignment
      const also = aligned ? ['alignment' as const] : []
      const all = ['mean' as const, 'max' as const, ...also, ...Array.from({ length: heads }, (_, i) => i)]
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
    alignmentHeads: () => {
      const [{ attention }, run] = [useSettings(), activeRun()]
      if (!run) return
      if (!useLibrary().model(run.model.id)?.alignment) {
        useNotices().say('note', `${run.model.id} names no alignment heads`)
        return
      }
      const on = attention.kind === 'cross' && attention.head === 'alignment'
      attention.head = on ? 'mean' : 'alignment'
      attention.kind = 'cross'
    },
    nextPiece: (by: number) => pieces.get(useWorkspace().active)?.step(by),
    nextBeside: () => {
      const settings = useSettings()
      settings.beside = cycle(['nothing', ...baselines] as const, settings.beside, 1)
    },
    toggleAtlas: () => {
      const { atlas } = useSettings()
      atlas.shown = !atlas.shown
    },
    attentionWeights: () => {
      const { attention } = useSettings()
      attention.weights = cycle(weightKinds, attention.weights, 1)
    },
    toggleAudioOnly: () => {
      const { attention } = useSettings()
      attention.audioOnly = !attention.audioOnly
    },
    attentionContrast: () => {
      const { attention } = useSettings()
      attention.contrast = cycle(contrasts, attention.contrast, 1)
    },
    toggleCurves: () => {
      const { attention } = useSettings()
      attention.curves = !attention.curves
    },
  }
}

const patchActions = () => {
  const activeRun = () => useRuns().runOf(useWorkspace().request(useWorkspace().active))
  const activeGrid = () => {
    const grid = activeRun()?.grids.encoder
    return grid && isPatchGrid(grid) ? grid : null
  }
  return {
    togglePatches: () => {
      const { patches } = useSettings()
      patches.shown = !patches.shown
    },
    patchFrom: () => {
      const { patches } = useSettings()
      const all = [...Array(activeGrid()?.special ?? 0).keys(), 'patch' as const]
      patches.from = cycle<number | 'patch'>(all, patches.from, 1)
    },
    /** what it moves is shown: the first press goes from a special token to the patch that was looked at last */
    patchBand: (by: number) => {
      const [{ patches }, timeline, run, grid] = [useSettings(), useTimeline(), activeRun(), activeGrid()]
      if (!run || !grid) return
      const moves = patches.shown && patches.from === 'patch'
      patches.band = Math.min(grid.bands - 1, Math.max(0, Math.min(patches.band, grid.bands - 1) + (moves ? by : 0)))
      patches.shown = true
      patches.from = 'patch'
      if (timeline.pinned) return
      const offset = timeline.offsetOf(useWorkspace().active)
      const now = timeline.lookedAt === null ? run.region[0] : timeline.lookedAt + offset
      timeline.pin(secondsAt(grid.time, stepAt(grid.time, now)) - offset)
    },
  }
}

const viewActions = () => ({
  toggleSpectrogram: () => {
    const settings = useSettings()
    settings.spectrogram = settings.spectrogram === 'stft' ? 'features' : 'stft'
  },
  toggleSound: () => {
    const settings = useSettings()
    settings.sound = settings.sound === 'model' ? 'recording' : 'model'
  },
  frequencyScale: () => {
    const { stft } = useSettings()
    stft.scale = cycle(frequencyScales, stft.scale, 1)
  },
  stftWindow: (by: number) => {
    const { stft } = useSettings()
    const at = windowSizes.indexOf(stft.size) + by
    stft.size = windowSizes[Math.min(windowSizes.length - 1, Math.max(0, at))] ?? stft.size
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
