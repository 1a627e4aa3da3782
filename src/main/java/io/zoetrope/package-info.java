/// Zoetrope: event-driven workers for joint audio and video diffusion.
package io.zoetrope;
