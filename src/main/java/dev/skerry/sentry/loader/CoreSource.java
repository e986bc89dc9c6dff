package dev.skerry.sentry.loader;

import dev.skerry.sentry.kernel.SigInfo;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.platform.Registers;
import java.util.List;
import java.util.function.Function;

/**
 * What a core file is made of.
 *
 * @param task the one that the signal struck
 * @param others of the same process, each in an event of its own
 * @param reason the signal
 * @param vectors the floating-point and vector registers as the XSAVE instruction stores them
 */
public record CoreSource(
    Task task, List<Task> others, SigInfo reason, Function<Registers, byte[]> vectors) {}
