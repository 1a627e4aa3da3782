/// Who may start now: a [MemoryDemand] in bytes comes in, a [Reservation] goes out as soon as there is room for it.
///
/// Knows nothing of models or requests: the plan says what a stage will need, a [Capacity] keeps account of a
/// device.
package io.zoetrope.capacity;
