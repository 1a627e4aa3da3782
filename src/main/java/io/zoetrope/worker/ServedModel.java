package io.zoetrope.worker;

import io.zoetrope.engine.Ltx2;
import io.zoetrope.plan.OfferedModel;

/// A model that is loaded and may be named by requests.
record ServedModel(OfferedModel offered, Ltx2 engine) {}
