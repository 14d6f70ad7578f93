import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ArnFormat, Stack } from 'aws-cdk-lib'
import * as ecr from 'aws-cdk-lib/aws-ecr'
import { Platform } from 'aws-cdk-lib/aws-ecr-assets'
import * as ecs from 'aws-cdk-lib/aws-ecs'
import type { Construct } from 'constructs'
import type { EcrImage } from './parse.ts'
import type { Settings } from './settings.ts'

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url))

/** The image that the tasks run: one in ECR, or what this repository's Dockerfile makes when the app is deployed. */
export function imageOf(
  scope: Construct,
  { image, task }: Pick<Settings, 'image' | 'task'>,
  folder = REPOSITORY,
): ecs.ContainerImage {
  if (image.use === 'build') {
    const platform = task.architecture === 'arm64' ? Platform.LINUX_ARM64 : Platform.LINUX_AMD64
    return ecs.ContainerImage.fromAsset(folder, { platform, buildArgs: commitOf(folder) })
  }
  return fromEcr(scope, 'Repository', image.uri)
}

/** @param id of the repository in the tree of constructs */
export function fromEcr(
  scope: Construct,
  id: string,
  { account, region, name, version }: EcrImage,
): ecs.ContainerImage {
  const repositoryArn = Stack.of(scope).formatArn({
    service: 'ecr',
    account,
    region,
    resource: 'repository',
    resourceName: name,
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  })
  const repository = ecr.Repository.fromRepositoryAttributes(scope, id, {
    repositoryArn,
    repositoryName: name,
  })
  return ecs.ContainerImage.fromEcrRepository(repository, version)
}

/** What makes two builds of one commit the same (Dockerfile); nothing where the folder differs from its commit. */
function commitOf(folder: string): Record<string, string> {
  const git = (...args: string[]) => spawnSync('git', args, { cwd: folder, encoding: 'utf8' })
  const status = git('status', '--porcelain')
  const [COMMIT, SOURCE_DATE_EPOCH] = git('log', '-1', '--format=%H %ct').stdout?.trim().split(' ') ?? []
  const isClean = status.status === 0 && status.stdout === ''
  return isClean && COMMIT && SOURCE_DATE_EPOCH ? { COMMIT, SOURCE_DATE_EPOCH } : {}
}
