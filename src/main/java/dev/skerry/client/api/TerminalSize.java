package dev.skerry.client.api;

/** In characters. */
public record TerminalSize(int rows, int columns) {}
