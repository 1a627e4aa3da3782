package io.zoetrope.engine.checkpoint;

import java.nio.file.Path;
import java.util.List;

/// How the networks of a model, all but the text model, lie on a disk. Whatever the layout, what is opened is the same
/// [Checkpoint] under the official names with the official configuration, so that networks are built in one way only.
public sealed interface ModelLayout permits OfficialFiles, DiffusersFolder {

    /// The file or folder, to name the model in messages.
    Path path();

    /// Every file that is read, in a fixed order.
    ///
    /// @throws CheckpointException if one is missing
    List<Path> files();

    /// @throws CheckpointException listing everything that is missing, damaged or contradictory
    Checkpoint open();
}
