/** Everything the person can do that is worth a key: menus, palette, help and shortcuts all read this one table. */

/** What a command may use; the page supplies it (actions.ts). */
export interface Actions {
  open(): void
  models(): void
  importModel(): void
  machine(): void
  run(): void
  runAll(): void
  cancel(): void
  stopNow(): void
  chooseModel(by: number): void
  playPause(): void
  playColumn(column: number): void
  solo(): void
  toggleLoop(): void
  toStart(): void
  playFromCursor(): void
  playAroundCursor(): void
  switchColumn(): void
  changeSpeed(by: number): void
  toggleKeepPitch(): void
  toggleMatchLevels(): void
  zoom(factor: number): void
  pan(share: number): void
  showAll(): void
  showRegion(): void
  regionFromView(): void
  toggleLinked(): void
  addRegion(): void
  undo(): void
  redo(): void
  toggleRegions(): void
  nextSnap(): void
  edgeAtCursor(edge: 'start' | 'end'): void
  lockFrequencies(): void
  nextAlignment(): void
  shiftColumn(steps: number): void
  toggleDifferences(): void
  differenceTable(): void
  moveCursor(steps: number): void
  togglePin(): void
  movePinned(steps: number): void
  hiddenLayer(by: number): void
  hiddenView(by: number): void
  dimensionOrder(): void
  attentionLayer(by: number): void
  attentionHead(by: number): void
  attentionKind(): void
  attentionExtent(): void
  alignmentHeads(): void
  nextPiece(by: number): void
  toggleAtlas(): void
  attentionWeights(): void
  toggleAudioOnly(): void
  attentionContrast(): void
  toggleCurves(): void
  togglePatches(): void
  patchFrom(): void
  patchBand(by: number): void
  nextBeside(): void
  toggleSpectrogram(): void
  toggleSound(): void
  frequencyScale(): void
  stftWindow(by: number): void
  toggleRanges(): void
  activate(column: number): void
  addColumn(): void
  removeColumn(): void
  exportFigure(): void
  palette(): void
  help(): void
  toggleSide(): void
  nextTheme(): void
}

export interface Command {
  id: string
  group: 'File' | 'Run' | 'Play' | 'Time' | 'Compare' | 'Layers and heads' | 'View'
  title: string
  /** "Ctrl+O", "Shift+ArrowUp", "r"; Ctrl is ⌘ on a Mac. The first is the one shown in short places */
  keys: string[]
  run: (actions: Actions) => void
}

type Group = Command['group']
const command = (group: Group, id: string, title: string, keys: string[], run: Command['run']): Command => ({
  id,
  group,
  title,
  keys,
  run,
})

export const commands: readonly Command[] = [
  command('File', 'file.open', 'Open recordings…', ['Ctrl+o'], (a) => a.open()),
  command('File', 'file.models', 'Models…', ['l'], (a) => a.models()),
  command('File', 'file.importModel', 'Import a model folder…', [], (a) => a.importModel()),
  command('File', 'file.export', 'Export a figure…', ['e'], (a) => a.exportFigure()),

  command('Run', 'run.start', 'Run the chosen model over every column’s region', ['r'], (a) => a.run()),
  command('Run', 'run.all', 'Run all models over every column’s region', ['Shift+R'], (a) => a.runAll()),
  command('Run', 'run.cancel', 'Cancel the runs', ['Ctrl+.'], (a) => a.cancel()),
  command('Run', 'run.stop', 'Stop now: restart the inference process', ['Ctrl+Shift+>'], (a) => a.stopNow()),
  command('Run', 'model.next', 'Next model', ['m'], (a) => a.chooseModel(1)),
  command('Run', 'model.previous', 'Previous model', ['Shift+M'], (a) => a.chooseModel(-1)),

  command('Play', 'play.toggle', 'Play or pause the active column', [' '], (a) => a.playPause()),
  command('Play', 'play.solo', 'Listen to all, what is attended to, what is not, or at random', ['Shift+S'], (a) =>
    a.solo(),
  ),
  command('Play', 'play.loop', 'Loop the region', ['o'], (a) => a.toggleLoop()),
  command('Play', 'play.start', 'Playhead to the region’s start', ['Home'], (a) => a.toStart()),
  command('Play', 'play.a', 'Play column A', ['Shift+A'], (a) => a.playColumn(0)),
  command('Play', 'play.b', 'Play column B', ['Shift+B'], (a) => a.playColumn(1)),
  command('Play', 'play.cursor', 'Play from the cursor', ['Shift+P'], (a) => a.playFromCursor()),
  command('Play', 'play.around', 'Play a quarter of a second to either side of the cursor', ['Shift+C'], (a) =>
    a.playAroundCursor(),
  ),
  command('Play', 'play.switch', 'Go on with the next column at the same moment', ['Shift+X'], (a) => a.switchColumn()),
  command('Play', 'play.slower', 'Slower', ['Shift+<', '<'], (a) => a.changeSpeed(-1)),
  command('Play', 'play.faster', 'Faster', ['Shift+>', '>'], (a) => a.changeSpeed(1)),
  command('Play', 'play.pitch', 'Keep the pitch at other speeds, or let it go with them', [], (a) =>
    a.toggleKeepPitch(),
  ),
  command('Play', 'play.levels', 'Match the levels of the columns, or leave them', [], (a) => a.toggleMatchLevels()),

  command('Time', 'time.zoomIn', 'Zoom in (also Ctrl and the wheel)', ['+', '='], (a) => a.zoom(0.6)),
  command('Time', 'time.zoomOut', 'Zoom out', ['-'], (a) => a.zoom(1 / 0.6)),
  command('Time', 'time.left', 'Earlier', ['a', '['], (a) => a.pan(-0.25)),
  command('Time', 'time.right', 'Later', ['d', ']'], (a) => a.pan(0.25)),
  command('Time', 'time.all', 'Show whole recordings', ['0'], (a) => a.showAll()),
  command('Time', 'time.region', 'Show the region', ['f'], (a) => a.showRegion()),
  command('Time', 'time.setRegion', 'Make the region what is visible', ['g'], (a) => a.regionFromView()),
  command('Time', 'region.add', 'Add the region to the list of named ones', ['Shift+G'], (a) => a.addRegion()),
  command('Time', 'region.undo', 'Undo what was done to named regions', ['Ctrl+z'], (a) => a.undo()),
  command('Time', 'region.redo', 'Do it to named regions again', ['Ctrl+Shift+Z', 'Ctrl+y'], (a) => a.redo()),
  command('Time', 'region.list', 'Show or hide the lists of named regions', [], (a) => a.toggleRegions()),
  command('Time', 'region.snap', 'Edges snap to nothing, zero crossings or model steps', [], (a) => a.nextSnap()),
  command('Time', 'region.start', 'Begin the region at the cursor', [], (a) => a.edgeAtCursor('start')),
  command('Time', 'region.end', 'End the region at the cursor', [], (a) => a.edgeAtCursor('end')),
  command('Time', 'time.link', 'Link or unlink the columns’ zoom', ['z'], (a) => a.toggleLinked()),
  command('Time', 'cursor.left', 'Cursor one step earlier', ['ArrowLeft'], (a) => a.moveCursor(-1)),
  command('Time', 'cursor.right', 'Cursor one step later', ['ArrowRight'], (a) => a.moveCursor(1)),
  command('Time', 'cursor.leftFast', 'Cursor ten steps earlier', ['Shift+ArrowLeft'], (a) => a.moveCursor(-10)),
  command('Time', 'cursor.rightFast', 'Cursor ten steps later', ['Shift+ArrowRight'], (a) => a.moveCursor(10)),

  command('Compare', 'compare.align', 'Align columns: by start, by onset, by an offset', ['\\'], (a) =>
    a.nextAlignment(),
  ),
  command('Compare', 'compare.earlier', 'Offset of the active column one step less', ['Shift+{', '{'], (a) =>
    a.shiftColumn(-1),
  ),
  command('Compare', 'compare.later', 'Offset of the active column one step more', ['Shift+}', '}'], (a) =>
    a.shiftColumn(1),
  ),
  command('Compare', 'compare.differences', 'Differences: column A less each other column', ['Shift+D'], (a) =>
    a.toggleDifferences(),
  ),
  command('Compare', 'compare.table', 'Table of what differs most…', ['Shift+T'], (a) => a.differenceTable()),
  command('Compare', 'compare.frequencies', 'Lock or unlock the columns’ frequency ranges', [], (a) =>
    a.lockFrequencies(),
  ),

  command('Layers and heads', 'query.pin', 'Pin the attention row at the cursor, or let it go', ['p'], (a) =>
    a.togglePin(),
  ),
  command('Layers and heads', 'query.up', 'Attention row one up', ['ArrowUp'], (a) => a.movePinned(-1)),
  command('Layers and heads', 'query.down', 'Attention row one down', ['ArrowDown'], (a) => a.movePinned(1)),
  command('Layers and heads', 'hidden.up', 'Next layer of hidden states', ['k'], (a) => a.hiddenLayer(1)),
  command('Layers and heads', 'hidden.down', 'Previous layer of hidden states', ['j'], (a) => a.hiddenLayer(-1)),
  command('Layers and heads', 'hidden.view', 'Next view of hidden states', ['u'], (a) => a.hiddenView(1)),
  command('Layers and heads', 'hidden.viewBack', 'Previous view of hidden states', ['Shift+U'], (a) =>
    a.hiddenView(-1),
  ),
  command('Layers and heads', 'hidden.order', 'Order of dimensions: index, variance or similarity', ["'"], (a) =>
    a.dimensionOrder(),
  ),
  command('Layers and heads', 'attention.layerUp', 'Next attention layer', ['Shift+K'], (a) => a.attentionLayer(1)),
  command('Layers and heads', 'attention.layerDown', 'Previous attention layer', ['Shift+J'], (a) =>
    a.attentionLayer(-1),
  ),
  command('Layers and heads', 'attention.headNext', 'Next head', ['h'], (a) => a.attentionHead(1)),
  command('Layers and heads', 'attention.headPrevious', 'Previous head', ['Shift+H'], (a) => a.attentionHead(-1)),
  command('Layers and heads', 'attention.kind', 'Encoder, decoder or cross-attention', ['x'], (a) => a.attentionKind()),
  command('Layers and heads', 'attention.extent', 'First 200 steps, region or all', ['w'], (a) => a.attentionExtent()),
  command('Layers and heads', 'attention.alignment', 'Alignment heads on or off', [';'], (a) => a.alignmentHeads()),
  command('Layers and heads', 'text.next', 'Next token, word or character', ['.'], (a) => a.nextPiece(1)),
  command('Layers and heads', 'text.previous', 'Previous token, word or character', [','], (a) => a.nextPiece(-1)),
  command('Layers and heads', 'attention.atlas', 'Atlas: every head of every layer', ['v'], (a) => a.toggleAtlas()),
  command('Layers and heads', 'attention.weights', 'Attention: raw, rollout or value-weighted', ['q'], (a) =>
    a.attentionWeights(),
  ),
  command('Layers and heads', 'attention.audioOnly', 'Attention as computed, or on audio only', ['Shift+Q'], (a) =>
    a.toggleAudioOnly(),
  ),
  command('Layers and heads', 'attention.contrast', 'Contrast: log, linear, percentile or by row', ['y'], (a) =>
    a.attentionContrast(),
  ),
  command('Layers and heads', 'attention.curves', 'Show or hide the pinned moment’s curves', [], (a) =>
    a.toggleCurves(),
  ),
  command('Layers and heads', 'patches.toggle', 'Attention over the spectrogram, where patches lie', [], (a) =>
    a.togglePatches(),
  ),
  command('Layers and heads', 'patches.from', 'Attention of the class token, the next token or a patch', [], (a) =>
    a.patchFrom(),
  ),
  command('Layers and heads', 'patches.bandUp', 'Patch one band up', ['Shift+ArrowUp'], (a) => a.patchBand(1)),
  command('Layers and heads', 'patches.bandDown', 'Patch one band down', ['Shift+ArrowDown'], (a) => a.patchBand(-1)),

  command(
    'Layers and heads',
    'beside.next',
    'Beside the maps: nothing, silence, shuffled audio, untrained model',
    ['Shift+Z'],
    (a) => a.nextBeside(),
  ),

  command('View', 'view.spectrogram', 'Spectrogram: STFT or the model’s features', ['s'], (a) => a.toggleSpectrogram()),
  command('View', 'view.sound', 'Sound: the recording or what the model hears', ['Shift+W'], (a) => a.toggleSound()),
  command('View', 'view.frequencyScale', 'Spectrogram: frequencies linear, logarithmic or mel', [], (a) =>
    a.frequencyScale(),
  ),
  command('View', 'view.windowLonger', 'Spectrogram: longer window', [], (a) => a.stftWindow(1)),
  command('View', 'view.windowShorter', 'Spectrogram: shorter window', [], (a) => a.stftWindow(-1)),
  command('View', 'view.ranges', 'Lock or unlock the columns’ colour ranges', ['c'], (a) => a.toggleRanges()),
  ...['A', 'B', 'C', 'D'].map((letter, i) =>
    command('View', `view.column${letter}`, `Make column ${letter} active`, [String(i + 1)], (a) => a.activate(i)),
  ),
  command('View', 'view.addColumn', 'Add a column', ['n'], (a) => a.addColumn()),
  command('View', 'view.removeColumn', 'Remove the active column', ['Shift+N'], (a) => a.removeColumn()),
  command('View', 'view.machine', 'This machine: devices and what runs may take…', ['i'], (a) => a.machine()),
  command('View', 'view.side', 'Show or hide the side bar', ['b'], (a) => a.toggleSide()),
  command('View', 'view.theme', 'Theme: system, dark, light', ['t'], (a) => a.nextTheme()),
  command('View', 'view.palette', 'All commands…', ['Ctrl+k'], (a) => a.palette()),
  command('View', 'view.help', 'Keyboard shortcuts', ['?'], (a) => a.help()),
]
