/// What a client asks for: bytes of JSON come in, a [GenerationRequest] goes out, together with every [Problem]
/// that
/// was found in it.
///
/// The fields of a request, their types and rules are data ([RequestFields]); one checker holds JSON against such a
/// table ([StrictJson]). The common tongue of all other packages; depends on none of them.
package io.zoetrope.request;
