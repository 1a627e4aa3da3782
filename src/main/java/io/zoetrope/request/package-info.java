/// What a client asks for: bytes of JSON come in, a generation request goes out, together with every
/// [io.zoetrope.request.Problem] that was found in it. The common tongue of all other packages; depends on none of
/// them.
package io.zoetrope.request;
