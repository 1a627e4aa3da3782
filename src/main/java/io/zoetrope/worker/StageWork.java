package io.zoetrope.worker;

import io.zoetrope.audit.ArtifactReference;
import io.zoetrope.audit.Stage;
import io.zoetrope.plan.StageMemory;
import java.util.List;
import java.util.Optional;

/// The work of one stage. All of it runs on the stage's thread.
interface StageWork {

    Stage stage();

    /// What the stage is predicted to need.
    StageMemory.Use memory(StageMemory memory);

    /// What an earlier attempt has left of this stage, whole and undamaged; empty if the work is still to be done.
    Optional<List<ArtifactReference>> left(HeldJob held);

    /// @return what it stored
    List<ArtifactReference> run(HeldJob held);
}
