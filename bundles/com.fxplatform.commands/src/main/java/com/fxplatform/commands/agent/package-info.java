/** The executor's side of commands: taken in once, journalled before the effect, reported until the platform has it. */
package com.fxplatform.commands.agent;
