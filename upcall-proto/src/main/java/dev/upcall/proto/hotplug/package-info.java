/// Several requests that belong together: a plan, its preview, its run, and what is undone when a step fails.
///
/// | step                | becomes                                                          | undone by                  |
/// |---------------------|------------------------------------------------------------------|----------------------------|
/// | [PlanStep.AddCpus]  | ADD_CPU of the lowest ids not present, one id per request         | DEL_CPU, last added first  |
/// | [PlanStep.SetCpus]  | ADD_CPU as above, or DEL_CPU from the highest slot down           | DEL_CPU or ADD_CPU         |
/// | [PlanStep.Ask]      | its request, CPU batches split into one id per request            | the opposite operation     |
///
/// One id per request, because only then an answer says exactly what happened (`upcall-wire` 5.3). A step ends a run when
/// its outcome is anything but done; what was done before is then undone in reverse order, each undo with an outcome of
/// its own, and a request whose outcome is unknown is reported, never undone: nobody knows whether there is anything to undo.
///
/// Pure: a driver submits what [PlanRun#next] returns and reports how it ended. Imports: `guest`, `message`, `session`
/// (only `Outcome`). Start reading at [Plan], then [PlanRun].
@NullMarked
package dev.upcall.proto.hotplug;

import org.jspecify.annotations.NullMarked;
