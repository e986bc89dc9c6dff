package dev.skerry.oci;

/**
 * What is wrong with one field, or why it has no effect.
 *
 * @param pointer where it is: a JSON pointer (RFC 6901)
 * @param detail one sentence for a person
 */
public record Problem(String pointer, String detail) {}
