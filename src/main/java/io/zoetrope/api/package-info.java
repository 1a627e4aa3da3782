/// The HTTP door: artifacts of the folder store go out, with byte ranges so that players can seek.
package io.zoetrope.api;
