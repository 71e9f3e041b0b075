/* Preloaded: a loudspeaker that sleeps, and swallows SLEEPY_MS of what wakes it. It falls asleep when it has been given
   nothing but zeros for SLEEPY_AFTER_MS. One channel of float at 48 kHz, as PortAudio gives PulseAudio. */
#include <dlfcn.h>
#include <stdlib.h>

typedef long (*write_frames)(void *, const void *, unsigned long);

static long frames_of(const char *name)
{
    const char *value = getenv(name);
    return value ? 48 * atol(value) : 0;
}

long snd_pcm_writei(void *pcm, const void *buffer, unsigned long frames)
{
    static write_frames real;
    static long swallows, sleeps_after, zeros, swallowed;
    float *sound = (float *)buffer;
    if (!real) {
        real = (write_frames)dlsym(dlopen("libasound.so.2", RTLD_LAZY), "snd_pcm_writei");
        swallows = frames_of("SLEEPY_MS");
        zeros = sleeps_after = frames_of("SLEEPY_AFTER_MS");
    }
    for (unsigned long frame = 0; frame < frames; frame++) {
        if (sound[frame] == 0.0f) {
            zeros++;
        } else {
            if (zeros >= sleeps_after)
                swallowed = 0;
            zeros = 0;
        }
        if (zeros < sleeps_after && swallowed < swallows) {
            swallowed++;
            sound[frame] = 0.0f;
        }
    }
    return real(pcm, buffer, frames);
}
