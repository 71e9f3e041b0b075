/* Preloaded: ALSA's devices have two channels, no fewer and no more, as an I2S card has. */
int snd_pcm_hw_params_get_channels_min(const void *params, unsigned int *channels)
{
    (void)params;
    *channels = 2;
    return 0;
}

int snd_pcm_hw_params_get_channels_max(const void *params, unsigned int *channels)
{
    return snd_pcm_hw_params_get_channels_min(params, channels);
}
