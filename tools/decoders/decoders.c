/* One WebAssembly module around three decoders that are public domain (or MIT-0, MIT): dr_mp3 and dr_flac as they come inside
 * miniaudio.h, and stb_vorbis. The host copies a whole file in, opens it, and takes interleaved float32 block by block.
 * One instance decodes one file and is then dropped, so nothing is ever freed. */

#define MINIAUDIO_IMPLEMENTATION
#define MA_NO_DEVICE_IO
#define MA_NO_THREADING
#define MA_NO_ENCODING
#define MA_NO_GENERATION
#define MA_NO_ENGINE
#define MA_NO_NODE_GRAPH
#define MA_NO_RESOURCE_MANAGER
#define MA_NO_WAV
#define MA_NO_STDIO
#define MA_NO_SIMD
#define MA_NO_RUNTIME_LINKING
#define MA_DR_MP3_FLOAT_OUTPUT
#include "miniaudio.h"

#define STB_VORBIS_NO_STDIO
#define STB_VORBIS_NO_PUSHDATA_API
#define STB_VORBIS_NO_INTEGER_CONVERSION
#define STB_VORBIS_MAX_CHANNELS 16
#include "extras/stb_vorbis.c"

#define EXPORT(name) __attribute__((export_name(#name)))
#define BLOCK_FRAMES 4096
#define MAX_CHANNELS 16

enum kind { MP3 = 1, FLAC = 2, VORBIS = 3 };

static enum kind opened;
static unsigned char *file;
static int file_size;
static int position;
static int rate_hz;
static int channel_count;
static ma_dr_mp3dec mp3;
static ma_dr_flac *flac;
static stb_vorbis *vorbis;
static float block[BLOCK_FRAMES * MAX_CHANNELS];
static ma_int32 integers[BLOCK_FRAMES * MAX_CHANNELS];

/* where the host puts `size` bytes of file */
EXPORT(reserve) unsigned char *reserve(int size) {
  file = malloc((size_t)size);
  file_size = size;
  return file;
}

EXPORT(rate) int rate(void) { return rate_hz; }
EXPORT(channels) int channels(void) { return channel_count; }
EXPORT(samples) float *samples(void) { return block; }
/* bytes of an MP3 consumed so far */
EXPORT(consumed) int consumed(void) { return position; }
/* frames that FLAC's header promises; 0 where it says nothing */
EXPORT(promised) double promised(void) { return flac ? (double)flac->totalPCMFrameCount : 0; }

/* 1 when the file opens as `kind`; MP3 starts at byte `start` */
EXPORT(open) int open_file(int kind, int start) {
  opened = kind;
  position = start;
  if (kind == MP3) {
    ma_dr_mp3dec_init(&mp3);
    return 1;
  }
  if (kind == FLAC) {
    flac = ma_dr_flac_open_memory(file, (size_t)file_size, NULL);
    if (!flac) return 0;
    rate_hz = (int)flac->sampleRate;
    channel_count = flac->channels;
    return channel_count <= MAX_CHANNELS;
  }
  int error = 0;
  vorbis = stb_vorbis_open_memory(file, file_size, &error, NULL);
  if (!vorbis) return 0;
  rate_hz = (int)vorbis->sample_rate;
  channel_count = vorbis->channels;
  return channel_count <= MAX_CHANNELS;
}

/* A frame whose bit reservoir is missing (a file cut out of a longer one) is silence of its length, so that what follows
 * keeps its place. */
static int next_mp3(void) {
  while (position < file_size) {
    ma_dr_mp3dec_frame_info info = {0};
    int frames = ma_dr_mp3dec_decode_frame(&mp3, file + position, file_size - position, block, &info);
    if (info.frame_bytes == 0) return 0;
    position += info.frame_bytes;
    if (info.hz == 0) continue;
    rate_hz = info.hz;
    channel_count = info.channels;
    if (frames > 0) return frames;
    frames = info.layer == 1 ? 384 : info.layer == 3 && info.hz < 32000 ? 576 : 1152;
    memset(block, 0, sizeof(float) * (size_t)(frames * channel_count));
    return frames;
  }
  return 0;
}

/* 1 / 2^31 is a power of two: exact for everything up to 24 bits */
static int next_flac(void) {
  int frames = (int)ma_dr_flac_read_pcm_frames_s32(flac, BLOCK_FRAMES, integers);
  for (int i = 0; i < frames * channel_count; i++) block[i] = (float)((double)integers[i] / 2147483648.0);
  return frames;
}

static int next_vorbis(void) {
  float **planes = NULL;
  int count = 0;
  int frames = stb_vorbis_get_frame_float(vorbis, &count, &planes);
  for (int c = 0; c < count; c++)
    for (int i = 0; i < frames; i++) block[i * count + c] = planes[c][i];
  return frames;
}

/* decodes the next block into `samples()`; how many frames it has, 0 at the end */
EXPORT(next) int next_block(void) {
  if (opened == MP3) return next_mp3();
  if (opened == FLAC) return next_flac();
  return next_vorbis();
}
