package dev.skerry.sentry.loader;

/**
 * Where the images went.
 *
 * @param bias what is added to the addresses of the program's file
 * @param interpreterBias likewise for the interpreter's; 0 if there is none
 */
record Images(long bias, long interpreterBias) {}
